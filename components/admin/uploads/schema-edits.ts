/** What the editor does to a schema; nothing is changed in place, and what fills which tensor stays as the file wants it. */
import type { CategoryField, InputField, InputTensor, ModelSchema, OutputField } from "@/lib/contracts/model-schema";

export type FieldType = InputField["type"];

/** What a field is known by while everything about it may be changed: its place in its tensor. */
export const keyOf = ({ tensor }: InputField) => `${tensor.name}\n${tensor.index ?? ""}`;

/** The tensor that a field fills. */
export function tensorOf(schema: ModelSchema, field: InputField): InputTensor | undefined {
  return schema.tensors.inputs.find((tensor) => tensor.fields.includes(field.name));
}

/** What a field may be, by what its tensor takes. */
export function typesFor(tensor: InputTensor | undefined): FieldType[] {
  if (tensor?.layout === "image-nchw") return ["image"];
  if (tensor?.dtype === "string") return ["category", "text"];
  return ["number", "integer", "category"];
}

export function replaceField(schema: ModelSchema, index: number, field: InputField): ModelSchema {
  return { ...schema, inputs: schema.inputs.with(index, field) };
}

export function replaceOutput(schema: ModelSchema, index: number, output: OutputField): ModelSchema {
  return { ...schema, outputs: schema.outputs.with(index, output) };
}

/** The field under another name, also where its tensor names it. */
export function renameField(schema: ModelSchema, index: number, name: string): ModelSchema {
  const field = schema.inputs[index];
  if (!field) return schema;
  const rename = (known: string) => (known === field.name ? name : known);
  const inputs = schema.tensors.inputs.map((tensor) => ({ ...tensor, fields: tensor.fields.map(rename) }));
  return { ...replaceField(schema, index, { ...field, name }), tensors: { ...schema.tensors, inputs } };
}

/** A record with one of its members under another name, in the same place. */
export function renameKey<Value>(record: Record<string, Value>, from: string, to: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key === from ? to : key, value]));
}

/** The field one place further up (-1) or down (1) in the form; at the end nothing moves. */
export function moveField(schema: ModelSchema, index: number, by: -1 | 1): ModelSchema {
  const [field, other] = [schema.inputs[index], schema.inputs[index + by]];
  if (!field || !other) return schema;
  return { ...schema, inputs: schema.inputs.with(index, other).with(index + by, field) };
}

function asCategory(common: Pick<InputField, "name" | "label" | "required" | "tensor">, from: InputField, isText: boolean): CategoryField {
  const low = "min" in from && from.min !== undefined ? Math.ceil(from.min) : 0;
  const values = isText ? ["first", "second"] : [low, low + 1];
  return { ...common, type: "category", categories: values.map((value) => ({ value, label: String(value) })), default: values[0] };
}

/** The field as another type: what both types know is kept. */
export function retypeField(field: InputField, type: FieldType, dtype: InputTensor["dtype"]): InputField {
  if (field.type === type) return field;
  const { name, label, group, help, required, tensor } = field;
  const common = { name, label, required, tensor, ...(group !== undefined && { group }), ...(help !== undefined && { help }) };
  if (type === "category") return asCategory(common, field, dtype === "string");
  if (type === "text") return { ...common, type, multiline: false, minLength: 0, maxLength: 6_000, default: "" };
  if (type === "image") return field;
  const { unit, min, max, step } = field.type === "integer" || field.type === "number" ? field : {};
  const known = field.type === "image" || typeof field.default !== "number" ? 0 : field.default;
  const range = { ...(unit !== undefined && { unit }), ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  const whole = type === "integer";
  return { ...common, ...range, ...(step !== undefined && !whole && { step }), type, default: whole ? Math.round(known) : known };
}

/** How many values a row of an output tensor has; null where nobody says. */
function widthOf(schema: ModelSchema, tensor: string): number | null {
  const last = schema.tensors.outputs.find(({ name }) => name === tensor)?.shape?.at(-1);
  return typeof last === "number" ? last : last === "N" ? 1 : null;
}

/** What an output may be, by what its tensor gives. A map with labels is always a class. */
export function kindsFor(schema: ModelSchema, output: OutputField): OutputField["kind"][] {
  if (output.kind === "class") return output.encoding === "zipmap" ? ["class"] : ["class", "vector"];
  const width = widthOf(schema, output.tensor);
  if (width === 1) return ["number"];
  return width === null ? ["number", "vector"] : ["vector", "class"];
}

/** The output as another kind, from the same tensor. */
export function rekindOutput(schema: ModelSchema, output: OutputField, kind: OutputField["kind"]): OutputField {
  if (output.kind === kind) return output;
  const common = { name: output.name, label: output.label };
  const tensor = output.kind === "class" ? output.probabilities : output.tensor;
  if (kind === "number") return { ...common, kind, tensor };
  if (kind === "vector") {
    return { ...common, kind, tensor, ...(output.kind === "class" && { labels: output.classes.map(({ label }) => label) }) };
  }
  const labels = output.kind === "vector" ? output.labels : undefined;
  const count = Math.max(2, widthOf(schema, tensor) ?? 2);
  const classes = Array.from({ length: count }, (_unused, value) => ({ value, label: labels?.[value] ?? String(value) }));
  return { ...common, kind: "class", probabilities: tensor, encoding: "tensor", classes };
}
