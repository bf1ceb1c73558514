import "server-only";
import type { InputField, ModelSchema, OutputField } from "@/lib/contracts/model-schema";

/** A JSON Schema 2020-12, as OpenAPI 3.1 takes it too. */
export type JsonSchema = Record<string, unknown>;

export const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** Joins what there is into one sentence after the other. */
function sentences(...parts: (string | undefined | false)[]): string | undefined {
  const text = parts.filter((part) => part !== undefined && part !== false && part !== "").join(" ");
  return text === "" ? undefined : text;
}

function withoutUndefined(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}

/** The training range is words here, not `minimum` and `maximum`: outside it there is a warning, not a refusal. */
function describeNumber(field: Extract<InputField, { type: "integer" | "number" }>): JsonSchema {
  const bounded = field.min !== undefined && field.max !== undefined;
  const range = bounded && `Trained on ${field.min} to ${field.max}; outside there is a warning.`;
  const unit = field.unit && `In ${field.unit}.`;
  return { type: field.type, description: sentences(field.help, unit, range), default: field.default };
}

function describeCategory(field: Extract<InputField, { type: "category" }>): JsonSchema {
  const named = field.categories.filter(({ value, label }) => String(value) !== label);
  const meaning = named.length > 0 && `${named.map(({ value, label }) => `${value} means ${label}`).join(", ")}.`;
  const values = field.categories.map(({ value }) => value);
  return { enum: values, description: sentences(field.help, meaning), default: field.default };
}

function describeText(field: Extract<InputField, { type: "text" }>): JsonSchema {
  const { minLength, maxLength } = field;
  return { type: "string", minLength, maxLength, description: sentences(field.help), default: field.default };
}

function describeImage(field: Extract<InputField, { type: "image" }>): JsonSchema {
  const count = field.width * field.height * field.channels;
  const size = `A picture of ${field.width} by ${field.height} points: a PNG as a data URL, or ${count} grey values row by row.`;
  return {
    description: sentences(field.help, size),
    oneOf: [
      { type: "string", pattern: "^data:image/png;base64," },
      { type: "array", items: { type: "integer", minimum: 0, maximum: 255 }, minItems: count, maxItems: count },
    ],
  };
}

function describeField(field: InputField): JsonSchema {
  switch (field.type) {
    case "integer":
    case "number":
      return describeNumber(field);
    case "category":
      return describeCategory(field);
    case "text":
      return describeText(field);
    case "image":
      return describeImage(field);
  }
}

function hasDefault(field: InputField): boolean {
  return field.type !== "image" && field.default !== undefined;
}

/** One row as a caller may send it. Fields with a default may be left out; a field the model does not know is refused. */
export function describeInputRow(schema: ModelSchema, title: string): JsonSchema {
  const properties = schema.inputs.map((field) => [field.name, withoutUndefined({ title: field.label, ...describeField(field) })]);
  return {
    $schema: DIALECT,
    title,
    description: "Numbers may also be sent as numeric text.",
    type: "object",
    properties: Object.fromEntries(properties),
    required: schema.inputs.filter((field) => field.required && !hasDefault(field)).map((field) => field.name),
    additionalProperties: false,
  };
}

function closed(properties: Record<string, JsonSchema>, optional: string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", properties, required, additionalProperties: false };
}

function describeAnswer(output: OutputField): JsonSchema {
  if (output.kind === "class") {
    const probability = { type: "number", minimum: 0, maximum: 1 };
    const probabilities = closed(Object.fromEntries(output.classes.map(({ value }) => [String(value), probability])));
    return closed({ label: { enum: output.classes.map(({ value }) => value) }, probabilities });
  }
  if (output.kind === "number") {
    const value: Record<string, JsonSchema> = { value: { type: "number" }, unit: { const: output.unit ?? "" } };
    if (!output.interval) return closed(value);
    const interval = closed({ low: { type: "number" }, high: { type: "number" }, coverage: { const: output.interval.coverage } });
    return closed({ ...value, interval });
  }
  const labels: JsonSchema = output.labels ? { const: output.labels } : { type: "array", items: { type: "string" } };
  return closed({ values: { type: "array", items: { type: "number" } }, labels }, ["labels"]);
}

/** The `output` of a prediction, keyed by output name. */
export function describeOutput(schema: ModelSchema, title: string): JsonSchema {
  const answers = schema.outputs.map((output) => [output.name, { title: output.label, ...describeAnswer(output) }] as const);
  return { $schema: DIALECT, title, ...closed(Object.fromEntries(answers)) };
}
