/**
 * One row of input against a model's schema: the same rules, the same words and the same coercion for a form, a CSV cell and a
 * JSON value, in the browser and on the server. What is wrong is said without repeating what was sent.
 */
import { type DecodeImage, type FieldCheck, prepareField, Refusal } from "@/lib/check-field";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { Row, Warning } from "@/lib/contracts/predict";
import type { FieldProblem } from "@/lib/contracts/problem";

/** How many unknown fields of a row are named one by one. */
const NAMED_UNKNOWN = 20;
const LONGEST_NAME = 64;
const missing = new Refusal("Is missing.");

export interface CheckRowOptions {
  /** Without it only pixels are taken for an image. */
  decodeImage?: DecodeImage;
}

export interface CheckedRow {
  /** Complete and coerced, in the order of the schema; meant to be used only when `errors` is empty. */
  row: Row;
  warnings: Warning[];
  errors: FieldProblem[];
}

interface PreparedField extends FieldCheck {
  name: string;
  /** Whether every object has a member of this name. */
  isCommon: boolean;
  required: boolean;
  /** What a field that is left out is checked as; undefined: nothing. */
  fallback: string | number | undefined;
}

interface Prepared {
  fields: PreparedField[];
  names: Set<string>;
  /** Where no field may be left out: a row with all of them in their order, to be copied and filled, which is quicker than to add them. */
  template: Row | null;
}

const preparedSchemas = new WeakMap<ModelSchema, Prepared>();

function prepare({ inputs, tensors }: ModelSchema): Prepared {
  const dtypes = new Map(tensors.inputs.flatMap((tensor) => tensor.fields.map((name) => [name, tensor.dtype] as const)));
  const fields = inputs.map((field) => ({
    ...prepareField(field, dtypes.get(field.name) ?? "float32"),
    name: field.name,
    isCommon: field.name in Object.prototype,
    required: field.required,
    fallback: field.type === "image" ? undefined : field.default,
  }));
  const isAlwaysFull = fields.every(({ required, fallback }) => required || fallback !== undefined);
  return {
    fields,
    names: new Set(fields.map(({ name }) => name)),
    template: isAlwaysFull ? Object.fromEntries(fields.map(({ name }) => [name, ""])) : null,
  };
}

function prepareOnce(schema: ModelSchema): Prepared {
  const known = preparedSchemas.get(schema);
  if (known) return known;
  const prepared = prepare(schema);
  preparedSchemas.set(schema, prepared);
  return prepared;
}

/** The pointer of a member, as a URI fragment (RFC 6901 sections 3 and 6). */
function pointerTo(parent: string, name: string): string {
  const wellFormed = name.replace(/\p{Surrogate}/gu, "\u{fffd}");
  return `${parent}/${encodeURIComponent(wellFormed.replaceAll("~", "~0").replaceAll("/", "~1"))}`;
}

function refuseUnknown(unknown: string[], pointer: string): FieldProblem[] {
  const problems = unknown.slice(0, NAMED_UNKNOWN).map((name) => {
    const isShort = name.length <= LONGEST_NAME;
    const detail = isShort ? "This model has no such field." : "One of the fields has a name that is too long for any field.";
    return { pointer: isShort ? pointerTo(pointer, name) : pointer, detail };
  });
  const more = unknown.length - problems.length;
  if (more > 0) problems.push({ pointer, detail: `${more} more fields are not fields of this model.` });
  return problems;
}

/** Puts what comes of one field into the result; what is refused has no place in the row. */
function checkMember(field: PreparedField, sent: unknown, pointer: string, decode: DecodeImage | undefined, result: CheckedRow): void {
  const { name, required, fallback, range } = field;
  const given = sent === undefined ? fallback : sent;
  const value = given === undefined ? (required ? missing : undefined) : field.read(given, decode);
  if (value === undefined) return;
  if (value instanceof Refusal) {
    delete result.row[name];
    result.errors.push({ pointer: `${pointer}/${name}`, detail: value.detail });
    return;
  }
  result.row[name] = value;
  if (range !== null && typeof value === "number" && (value < range.min || value > range.max)) {
    result.warnings.push({ code: "outside_training_range", pointer: `${pointer}/${name}`, detail: range.warning });
  }
}

/** Whether `raw` has nothing from elsewhere but what every object has, so that its members need not be asked for one by one. */
function isPlain(raw: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(raw);
  return prototype === Object.prototype || prototype === null;
}

function countMembers(raw: object): number {
  let count = 0;
  for (const _name in raw) count += 1;
  return count;
}

/**
 * Checks and coerces one row; all problems at once, in the order of the schema, unknown fields last.
 * @param raw as it was parsed from JSON, a form or a CSV line; only its own members count
 * @param pointer where the row lies in the body, e.g. `#/input` or `#/inputs/17`
 */
export function checkRow(schema: ModelSchema, raw: Record<string, unknown>, pointer: string, options: CheckRowOptions = {}): CheckedRow {
  const { fields, names, template } = prepareOnce(schema);
  const plain = isPlain(raw);
  const result: CheckedRow = { row: template ? { ...template } : {}, warnings: [], errors: [] };
  let known = 0;
  for (const field of fields) {
    const sent = (plain && !field.isCommon) || Object.hasOwn(raw, field.name) ? raw[field.name] : undefined;
    if (sent !== undefined) known += 1;
    checkMember(field, sent, pointer, options.decodeImage, result);
  }
  // Only where there are others than the known ones it is looked for what they are.
  if (known !== countMembers(raw)) result.errors.push(...refuseUnknown(Object.keys(raw).filter((name) => !names.has(name)), pointer));
  return result;
}
