/** What is wrong with a draft as it stands on the page, found without asking, so that the marked place says it at once. */
import { type DraftParts, type PartName, partNames } from "@/components/admin/uploads/draft-parts";
import type { InputField, ModelSchema, OutputField } from "@/lib/contracts/model-schema";
import type { FieldProblem } from "@/lib/contracts/problem";

export interface Problem {
  part: PartName;
  /** Where it is, as the editor marks its controls: `inputs/3/label`, `outputs/0`, `card/name`, `slug`. */
  place: string;
  /** A sentence that names the place for who reads it in a list. */
  words: string;
}

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** Why a name cannot be taken, or null. @param others the names beside it */
export function faultOfName(name: string, others: readonly string[]): string | null {
  if (name === "") return "Give it a name.";
  if (!NAME.test(name) || name === "constructor") return "Begin with a letter; then letters, digits and _ only, 64 at most.";
  return others.includes(name) ? "Another one has this name." : null;
}

/** Why an address cannot be taken, or null. */
export function faultOfSlug(slug: string): string | null {
  return SLUG.test(slug) ? null : "Small letters, digits and hyphens only, not at its ends, 64 at most.";
}

function faultsOfField(field: InputField): [part: string, words: string][] {
  const faults: [string, string][] = [];
  if (field.label.trim() === "") faults.push(["label", "needs a label"]);
  if (field.type === "integer" || field.type === "number") {
    const { min, max, step } = field;
    if (min !== undefined && max !== undefined && min >= max) faults.push(["max", "needs a largest value above the smallest"]);
    if (step !== undefined && step <= 0) faults.push(["step", "needs a step above 0"]);
  }
  if (field.type === "category") {
    const values = field.categories.map(({ value }) => value);
    if (values.length === 0) faults.push(["categories", "needs at least one category"]);
    if (new Set(values).size !== values.length) faults.push(["categories", "has the same category twice"]);
    const isKnown = field.default === undefined || values.includes(field.default);
    if (!isKnown) faults.push(["default", "has a default that is none of its categories"]);
  }
  if (field.type === "text" && field.minLength > field.maxLength) {
    faults.push(["maxLength", "needs a largest length above the smallest"]);
  }
  return faults;
}

function faultsOfOutput(output: OutputField): [part: string, words: string][] {
  const faults: [string, string][] = [];
  if (output.label.trim() === "") faults.push(["label", "needs a label"]);
  const isNamed = output.kind !== "class" || output.classes.every(({ label }) => label.trim() !== "");
  if (!isNamed) faults.push(["classes", "needs a label for each class"]);
  return faults;
}

function problemsOfSchema({ inputs, outputs }: ModelSchema): Problem[] {
  const tell = (kind: string, index: number, subject: string) => ([part, words]: [part: string, words: string]): Problem => ({
    part: "schema",
    place: `${kind}/${index}/${part}`,
    words: `${subject} ${words}.`,
  });
  return [
    ...inputs.flatMap((field, index) => faultsOfField(field).map(tell("inputs", index, `The field ${field.name}`))),
    ...outputs.flatMap((output, index) => faultsOfOutput(output).map(tell("outputs", index, `The answer ${output.name}`))),
  ];
}

/** Everything that keeps a part of the draft from being saved. */
export function findProblems({ slug, card, schema, algorithm, trained_on, examples }: DraftParts): Problem[] {
  const problems = problemsOfSchema(schema);
  const tell = (part: PartName, place: string, words: string) => problems.push({ part, place, words });
  if (faultOfSlug(slug) !== null) tell("slug", "slug", "The address is not one: small letters, digits and hyphens only.");
  if (card.name.trim() === "") tell("card", "card/name", "The model needs a name.");
  if (algorithm.trim() === "") tell("algorithm", "algorithm", "Say which algorithm it is.");
  if (!/^(\d{4}-\d{2}-\d{2})?$/.test(trained_on)) tell("trained_on", "trained_on", "Say the day it was trained as a date, or nothing.");
  if (examples.some(({ name }) => name.trim() === "")) tell("examples", "examples", "Every case needs a name.");
  return problems;
}

const isPart = (name: string): name is PartName => partNames.some((known) => known === name);

/** A tensor is shown by the first of its fields. */
function placeOfTensor(schema: ModelSchema, kind: string | undefined, index: string | undefined): string {
  if (kind !== "inputs") return "outputs";
  const [first] = schema.tensors.inputs[Number(index)]?.fields ?? [];
  const at = schema.inputs.findIndex(({ name }) => name === first);
  return at < 0 ? "inputs" : `inputs/${at}`;
}

/**
 * What the service refused, as problems with places.
 * @param errors with pointers to `#/changes/…`, `#/schema/…` or `#/examples/…`
 */
export function placeErrors(errors: readonly FieldProblem[], schema: ModelSchema): Problem[] {
  return errors.map(({ pointer, detail }) => {
    const path = pointer.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
    const [part = "", ...rest] = path[0] === "changes" ? path.slice(1) : path;
    const [kind, index] = rest;
    const inSchema = kind === "tensors" ? placeOfTensor(schema, rest[1], rest[2]) : rest.join("/");
    const place = part === "schema" ? inSchema : [part, ...rest].join("/");
    const owner = kind === "inputs" || kind === "outputs" ? schema[kind][Number(index)]?.name : undefined;
    return { part: isPart(part) ? part : "schema", place, words: owner === undefined ? detail : `${owner}: ${detail}` };
  });
}
