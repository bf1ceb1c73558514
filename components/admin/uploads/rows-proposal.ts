/** What training rows would change in the fields of a draft, and the schema with what an operator takes of it. */
import { keyOf } from "@/components/admin/uploads/schema-edits";
import type { InputField, ModelSchema } from "@/lib/contracts/model-schema";
import { formatNumber } from "@/lib/format";

export interface FieldProposal {
  /** What the field is known by, see {@link keyOf}. */
  key: string;
  name: string;
  changes: { what: string; from: string; to: string }[];
}

/** What an operator writes about a field and rows say nothing of. */
function wordsOf({ name, label, group, help, required, tensor }: InputField) {
  return { name, label, required, tensor, ...(group !== undefined && { group }), ...(help !== undefined && { help }) };
}

/** A field with what was found in rows; as it is where that does not fit it any more. */
function mergeField(field: InputField, found: InputField): InputField {
  if (field.type === "integer" || field.type === "number") {
    if (found.type !== field.type) return field;
    const { group: _group, help: _help, unit: _unit, ...range } = found;
    return { ...range, ...wordsOf(field), ...(field.unit !== undefined && { unit: field.unit }) };
  }
  if (found.type !== "category") return field;
  if (field.type === "text") return { ...wordsOf(field), type: "category", categories: found.categories, default: found.default };
  if (field.type !== "category") return field;
  const isKnown = field.categories.some(({ value }) => value === found.default);
  return isKnown ? { ...field, default: found.default } : field;
}

const show = (value: string | number | undefined) => (typeof value === "number" ? formatNumber(value, 6) : (value ?? "none"));

/** What about a field would be another one, in the words of its editor. */
function describeChanges(field: InputField, merged: InputField): FieldProposal["changes"] {
  const pairs: [what: string, from: string, to: string][] = [];
  if (field.type === "text" && merged.type === "category") pairs.push(["Type", "text", `one of ${merged.categories.length} categories`]);
  if ((field.type === "integer" || field.type === "number") && (merged.type === "integer" || merged.type === "number")) {
    pairs.push(["Smallest", show(field.min), show(merged.min)]);
    pairs.push(["Largest", show(field.max), show(merged.max)]);
    pairs.push(["Step", show(field.step), show(merged.step)]);
    pairs.push(["Slider step", show(field.sliderStep), show(merged.sliderStep)]);
  }
  if (field.type !== "image" && merged.type !== "image") pairs.push(["Default", show(field.default), show(merged.default)]);
  return pairs.filter(([, from, to]) => from !== to).map(([what, from, to]) => ({ what, from, to }));
}

/**
 * The fields that rows would change, in the order of the schema; none where the draft says already what the rows say.
 * @param found the schema as the rows would have it
 */
export function proposeFields(schema: ModelSchema, found: ModelSchema): FieldProposal[] {
  const byPlace = new Map(found.inputs.map((field) => [keyOf(field), field]));
  return schema.inputs.flatMap((field) => {
    const other = byPlace.get(keyOf(field));
    const changes = other ? describeChanges(field, mergeField(field, other)) : [];
    return changes.length > 0 ? [{ key: keyOf(field), name: field.name, changes }] : [];
  });
}

/** The schema with what was found about some fields; what an operator wrote about them stays. @param keys of the fields that are taken */
export function takeFields(schema: ModelSchema, found: ModelSchema, keys: ReadonlySet<string>): ModelSchema {
  const byPlace = new Map(found.inputs.map((field) => [keyOf(field), field]));
  const take = (field: InputField) => {
    const other = keys.has(keyOf(field)) ? byPlace.get(keyOf(field)) : undefined;
    return other ? mergeField(field, other) : field;
  };
  return { ...schema, inputs: schema.inputs.map(take) };
}
