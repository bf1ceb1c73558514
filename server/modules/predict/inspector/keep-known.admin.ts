import "server-only";
import type { InputField, ModelSchema, OutputField } from "@/lib/contracts/model-schema";
import { createNamer } from "@/server/modules/predict/inspector/names.admin";

/** Where a field's values go: what stays the same when a model is trained again. */
const placeOf = ({ tensor }: InputField) => `${tensor.index ?? 0}\n${tensor.name}`;
const isNumeric = ({ type }: InputField) => type === "number" || type === "integer";

/** What was written about a field before, where it is still the same kind of field. */
function keepField(drafted: InputField, known: InputField | undefined): InputField {
  if (!known) return drafted;
  if (drafted.type === "category" && known.type === "category") {
    const labels = new Map(known.categories.map(({ value, label }) => [value, label]));
    const categories = drafted.categories.map(({ value, label }) => ({ value, label: labels.get(value) ?? label }));
    const isKept = categories.some(({ value }) => value === known.default);
    return { ...known, categories, default: isKept ? known.default : drafted.default };
  }
  if (drafted.type === "image" && known.type === "image") {
    return drafted.width === known.width && drafted.height === known.height ? known : { ...drafted, name: known.name, label: known.label };
  }
  if (drafted.type === known.type || (isNumeric(drafted) && isNumeric(known))) return known;
  // The graph does not name categories that are written in the schema alone: text or numbers that only some values make sense for.
  const namesValues =
    known.type === "category" && known.categories.every(({ value }) => (typeof value === "string") === (drafted.type === "text"));
  return namesValues && (drafted.type === "text" || isNumeric(drafted)) ? known : drafted;
}

const tensorOf = (output: OutputField) => (output.kind === "class" ? output.probabilities : output.tensor);

function keepOutput(drafted: OutputField, known: OutputField | undefined, outputs: ReadonlySet<string>): OutputField {
  if (!known) return drafted;
  if (drafted.kind === "class" && known.kind === "class") {
    const labels = new Map(known.classes.map(({ value, label }) => [value, label]));
    const classes = drafted.classes.map(({ value, label }) => ({ value, label: labels.get(value) ?? label }));
    const positiveClass = classes.some(({ value }) => value === known.positiveClass) ? known.positiveClass : drafted.positiveClass;
    return { ...drafted, name: known.name, label: known.label, threshold: known.threshold ?? drafted.threshold, positiveClass, classes };
  }
  if (drafted.kind === "number" && known.kind === "number") {
    const { interval, ...rest } = known;
    return interval && outputs.has(interval.low) && outputs.has(interval.high) ? known : rest;
  }
  return drafted.kind === known.kind ? { ...known, ...(drafted.kind === "vector" && { labels: undefined }) } : drafted;
}

/** The tensors that an output's interval shows already. */
const bounds = (output: OutputField) => (output.kind === "number" && output.interval ? [output.interval.low, output.interval.high] : []);

/**
 * A drafted schema with what was written about the same tensors before: names, labels, units, ranges, help.
 * @param base of another version of the same model
 */
export function keepKnown(drafted: ModelSchema, base: ModelSchema): ModelSchema {
  const fields = new Map(base.inputs.map((field) => [placeOf(field), field]));
  const kept = drafted.inputs.map((field) => {
    const known = fields.get(placeOf(field));
    return { field: keepField(field, known), isKnown: known !== undefined };
  });
  const name = createNamer(kept.filter(({ isKnown }) => isKnown).map(({ field }) => field.name));
  const inputs = kept.map(({ field, isKnown }) => (isKnown ? field : { ...field, name: name(field.name) }));
  const newNames = new Map(drafted.inputs.map((field, index) => [field.name, inputs[index]?.name ?? field.name]));
  const found = new Set(drafted.tensors.outputs.map((tensor) => tensor.name));
  const known = new Map(base.outputs.map((output) => [tensorOf(output), output]));
  const outputs = drafted.outputs.map((output) => keepOutput(output, known.get(tensorOf(output)), found));
  const shown = new Set(outputs.flatMap(bounds));
  return {
    ...drafted,
    inputs,
    tensors: {
      inputs: drafted.tensors.inputs.map((tensor) => ({ ...tensor, fields: tensor.fields.map((field) => newNames.get(field) ?? field) })),
      outputs: drafted.tensors.outputs,
    },
    outputs: outputs.filter((output) => !shown.has(tensorOf(output))),
  };
}
