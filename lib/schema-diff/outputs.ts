import type { ClassOutput, NumberOutput, OutputField, VectorOutput } from "@/lib/contracts/model-schema";
import { changeOf, diffValues, pointTo, type SchemaChange, show } from "@/lib/schema-diff/change";

interface Pair<Output> {
  before: Output;
  after: Output;
  name: string;
}

function diffClasses({ before, after, name }: Pair<ClassOutput>): SchemaChange[] {
  const at = (value: string | number) => pointTo("outputs", name, "classes", value);
  const sayDecision = ({ positiveClass, threshold }: ClassOutput) => `${show(positiveClass)} from ${show(threshold)}`;
  return [
    ...diffValues(before.classes, after.classes, { kind: "class", noun: "Class", at, addingBreaks: true }),
    ...changeOf(sayDecision(before), sayDecision(after), () => {
      const words = `It says ${sayDecision(after)}, before ${sayDecision(before)}.`;
      return { pointer: pointTo("outputs", name, "threshold"), kind: "decision", words, breaking: false };
    }),
  ];
}

/** What a value is counted in: its unit, and the currency where it is money. */
function unitOf({ unit, format }: NumberOutput): string {
  return [unit, format?.currency].filter((part) => part !== undefined && part !== "").join(", ") || "none";
}

function diffNumber({ before, after, name }: Pair<NumberOutput>): SchemaChange[] {
  return [
    ...changeOf(unitOf(before), unitOf(after), () => {
      const words = `The unit is ${unitOf(after)}, before ${unitOf(before)}.`;
      return { pointer: pointTo("outputs", name, "unit"), kind: "unit", words, breaking: true };
    }),
    ...changeOf(before.interval?.coverage, after.interval?.coverage, () => {
      const coverage = after.interval?.coverage;
      const holds = `The range around the value holds ${Number(((coverage ?? 0) * 100).toPrecision(6))} % of cases.`;
      const words = coverage === undefined ? "The range around the value is gone." : holds;
      return { pointer: pointTo("outputs", name, "interval"), kind: "interval", words, breaking: coverage === undefined };
    }),
  ];
}

function diffVector({ before, after, name }: Pair<VectorOutput>): SchemaChange[] {
  return changeOf(before.labels, after.labels, () => {
    const words = after.labels ? "The places of the list are labelled differently." : "The places of the list have no labels any more.";
    return { pointer: pointTo("outputs", name, "labels"), kind: "labels", words, breaking: before.labels !== undefined };
  });
}

function diffOutput({ before, after, name }: Pair<OutputField>): SchemaChange[] {
  const said = changeOf(before.label, after.label, (): SchemaChange => {
    return { pointer: pointTo("outputs", name), kind: "wording", words: `Is now called ${show(after.label)}.`, breaking: false };
  });
  if (before.kind === "class" && after.kind === "class") return [...diffClasses({ before, after, name }), ...said];
  if (before.kind === "number" && after.kind === "number") return [...diffNumber({ before, after, name }), ...said];
  if (before.kind === "vector" && after.kind === "vector") return [...diffVector({ before, after, name }), ...said];
  const words = `The answer is a ${after.kind}, before a ${before.kind}.`;
  return [{ pointer: pointTo("outputs", name, "kind"), kind: "type", words, breaking: true }, ...said];
}

/** Differences of the outputs, in the order of the new schema; outputs that are gone come last. An output more breaks nobody. */
export function diffOutputs(before: OutputField[], after: OutputField[]): SchemaChange[] {
  const old = new Map(before.map((output) => [output.name, output]));
  const names = new Set(after.map(({ name }) => name));
  const kept = after.flatMap((output): SchemaChange[] => {
    const known = old.get(output.name);
    if (known) return diffOutput({ before: known, after: output, name: output.name });
    return [{ pointer: pointTo("outputs", output.name), kind: "added", words: "Is new.", breaking: false }];
  });
  const gone = before.filter(({ name }) => !names.has(name));
  return [
    ...kept,
    ...gone.map(({ name }): SchemaChange => {
      return { pointer: pointTo("outputs", name), kind: "removed", words: "Is gone from the answers.", breaking: true };
    }),
  ];
}
