import "server-only";
import type { InputField, InputTensor, ModelSchema } from "@/lib/contracts/model-schema";
import type { Row } from "@/lib/contracts/predict";
import { neededOutputs, type Tensors } from "@/server/modules/predict/answers";
import { checkRows } from "@/server/modules/predict/rows";
import type { OpenModel } from "@/server/modules/predict/runtime";
import { buildFeeds } from "@/server/modules/predict/tensors";

/** Rows that a model is tried with. They differ: a model that looks at their mean would not show it by rows that are alike. */
const TRIED_ROWS = 5;
/** A model that takes longer for one row, in milliseconds, is not tried: its callers would wait for that. */
const PATIENCE_MS = 50;
/** What one row alone and the same row among others may differ by, relative above 1: sums of floats in another order. */
const TOLERANCE = 1e-5;
const STEPS = 11;
const WORDS = ["free", "lunch", "urgent", "hello", "you", "won", "see", "at", "noon", "prize", "report"];
const WHOLE = new Set<InputTensor["dtype"]>(["int32", "int64", "uint8", "bool"]);

/** A value that the field takes, another one for each place. */
function inventValue(field: InputField, isWhole: boolean, place: number): unknown {
  if (field.type === "category") return field.categories[place % field.categories.length]?.value;
  if (field.type === "image") {
    return Array.from({ length: field.width * field.height * field.channels }, (_unused, at) => (at * place * 37 + place) % 256);
  }
  if (field.type === "text") {
    const text = Array.from({ length: 4 + place }, (_unused, at) => WORDS[(at * place + place) % WORDS.length]).join(" ");
    return text.padEnd(field.minLength, " again").slice(0, field.maxLength);
  }
  const low = field.min ?? Math.min(0, (field.max ?? 1) - 1);
  const value = low + ((field.max ?? low + 1) - low) * ((place % STEPS) / (STEPS - 1));
  return isWhole || field.type === "integer" ? Math.round(value) : value;
}

function inventRows(schema: ModelSchema): Row[] {
  const whole = new Set(schema.tensors.inputs.flatMap(({ dtype, fields }) => (WHOLE.has(dtype) ? fields : [])));
  const rows = Array.from({ length: TRIED_ROWS }, (_unused, row) => {
    const values = schema.inputs.map((field, at) => [field.name, inventValue(field, whole.has(field.name), row * 3 + at + 1)] as const);
    return { raw: Object.fromEntries(values), pointer: `#/inputs/${row}` };
  });
  return checkRows(schema, rows).rows;
}

function isClose(one: unknown, other: unknown): boolean {
  if (typeof one !== "number" || typeof other !== "number") return one === other;
  return Object.is(one, other) || Math.abs(one - other) <= TOLERANCE * Math.max(1, Math.abs(other));
}

/** Whether a row has the same in each output, alone and in its place among the others. */
function isSame(alone: Tensors, together: Tensors, row: number): boolean {
  return [...alone].every(([name, { data }]) => {
    const among = together.get(name)?.data;
    if (among?.length !== data.length * TRIED_ROWS) return false;
    return Array.from(data).every((value, column) => isClose(value, among[row * data.length + column]));
  });
}

async function compare(model: OpenModel, schema: ModelSchema): Promise<boolean> {
  const rows = inventRows(schema);
  const outputs = neededOutputs(schema);
  const alone: Tensors[] = [];
  let fastest = Infinity;
  for (const row of rows) {
    const ran = await model.run(buildFeeds(schema, [row]), outputs);
    alone.push(ran.outputs);
    fastest = Math.min(fastest, ran.seconds * 1000);
    // The first run may have to make room for itself.
    if (alone.length > 1 && fastest > PATIENCE_MS) return false;
  }
  const together = await model.run(buildFeeds(schema, rows), outputs);
  return alone.every((tensors, row) => isSame(tensors, together.outputs, row));
}

/**
 * Whether what a model says about a row has nothing to do with the rows beside it, so that rows of several callers may be run as one
 * batch. Nothing in a file says so: a fixed number of rows, a mean over all of them, an order would each be somebody else's answer.
 * Rows are invented, and each is run alone and among the others. Whoever cannot be tried is taken for one that mixes rows. Never throws.
 */
export async function answersRowByRow(model: OpenModel, schema: ModelSchema): Promise<boolean> {
  return compare(model, schema).catch(() => false);
}
