/**
 * One row of input against a model's schema: the same rules, the same words and the same coercion for a form, a CSV cell and a
 * JSON value, in the browser and on the server. What is wrong is said without repeating what was sent.
 */
import type {
  CategoryField,
  ImageField,
  InputField,
  InputTensor,
  IntegerField,
  ModelSchema,
  NumberField,
  TextField,
} from "@/lib/contracts/model-schema";
import type { FieldValue, Row, Warning } from "@/lib/contracts/predict";
import type { FieldProblem } from "@/lib/contracts/problem";

/** How many values of a category are named before the rest is only counted. */
const NAMED_CATEGORIES = 8;
/** How many unknown fields of a row are named one by one. */
const NAMED_UNKNOWN = 20;
const LONGEST_NAME = 64;
const LARGEST_FLOAT32 = 3.4028234663852886e38;
const NUMERIC_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const integerRanges: Partial<Record<InputTensor["dtype"], readonly [low: number, high: number]>> = {
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-2_147_483_648, 2_147_483_647],
  uint8: [0, 255],
  bool: [0, 1],
};

/** What came out of one field: its value, or the sentence that refuses it. */
type Checked = { value: FieldValue; warning?: string } | { refusal: string };

export interface CheckRowOptions {
  /** Turns text sent for an image into its pixels, or into the sentence that refuses it. Without it only pixels are taken. */
  decodeImage?: (text: string, field: ImageField) => number[] | string;
}

export interface CheckedRow {
  /** Complete and coerced, in the order of the schema; meant to be used only when `errors` is empty. */
  row: Row;
  warnings: Warning[];
  errors: FieldProblem[];
}

interface Prepared {
  fields: Map<string, InputField>;
  dtypes: Map<string, InputTensor["dtype"]>;
  categories: Map<string, Set<string | number>>;
}

const preparedSchemas = new WeakMap<ModelSchema, Prepared>();

function prepare(schema: ModelSchema): Prepared {
  const known = preparedSchemas.get(schema);
  if (known) return known;
  const categories = schema.inputs.filter((input) => input.type === "category");
  const prepared: Prepared = {
    fields: new Map(schema.inputs.map((input) => [input.name, input])),
    dtypes: new Map(schema.tensors.inputs.flatMap((tensor) => tensor.fields.map((name) => [name, tensor.dtype] as const))),
    categories: new Map(categories.map((input) => [input.name, new Set(input.categories.map((category) => category.value))])),
  };
  preparedSchemas.set(schema, prepared);
  return prepared;
}

/** The number a value stands for: a finite number, or text in decimal notation with blanks around it at most. */
function toNumber(raw: unknown): number | null {
  const trimmed = typeof raw === "string" ? raw.trim() : "";
  const value = typeof raw === "number" ? raw : NUMERIC_TEXT.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (!Number.isFinite(value)) return null;
  return value === 0 ? 0 : value;
}

function withUnit(value: number, unit: string | undefined): string {
  return unit ? `${value} ${unit}` : String(value);
}

function rangeWarning({ min, max, unit }: IntegerField | NumberField, value: number): string | undefined {
  if ((min === undefined || value >= min) && (max === undefined || value <= max)) return undefined;
  if (min !== undefined && max !== undefined) return `The model was trained on values from ${min} to ${withUnit(max, unit)}.`;
  if (min !== undefined) return `The model was trained on values of ${withUnit(min, unit)} and more.`;
  return max === undefined ? undefined : `The model was trained on values up to ${withUnit(max, unit)}.`;
}

function checkNumeric(field: IntegerField | NumberField, raw: unknown, dtype: InputTensor["dtype"]): Checked {
  const value = toNumber(raw);
  const whole = field.type === "integer" || integerRanges[dtype] !== undefined;
  if (value === null) return { refusal: whole ? "Must be a whole number." : "Must be a number." };
  if (whole && !Number.isInteger(value)) return { refusal: "Must be a whole number." };
  const [low, high] = integerRanges[dtype] ?? [-Infinity, Infinity];
  const isSafe = !whole || Number.isSafeInteger(value);
  if (!isSafe || value < low || value > high) {
    const shown = integerRanges[dtype] ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    return { refusal: `Must be between ${shown[0]} and ${shown[1]}.` };
  }
  if (dtype === "float32" && Math.abs(value) > LARGEST_FLOAT32) return { refusal: "Must be between -3.4e38 and 3.4e38." };
  const warning = rangeWarning(field, value);
  return warning === undefined ? { value } : { value, warning };
}

function checkCategory(field: CategoryField, raw: unknown, values: Set<string | number>): Checked {
  if (typeof raw === "string" && values.has(raw)) return { value: raw };
  const number = toNumber(raw);
  if (number !== null && values.has(number)) return { value: number };
  const named = field.categories.slice(0, NAMED_CATEGORIES).map((category) => JSON.stringify(category.value));
  const more = field.categories.length - named.length;
  return { refusal: `Must be one of ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}.` };
}

const characters = (count: number) => (count === 1 ? "1 character" : `${count} characters`);

function checkText(field: TextField, raw: unknown): Checked {
  if (typeof raw !== "string") return { refusal: "Must be text." };
  if (raw.includes("\0")) return { refusal: "Must not contain a NUL character." };
  if (/\p{Surrogate}/u.test(raw)) return { refusal: "Must be well-formed Unicode: it holds half of a character pair." };
  const { length } = [...raw];
  if (length < field.minLength) return { refusal: `Must have at least ${characters(field.minLength)}.` };
  if (length > field.maxLength) return { refusal: `Must have at most ${characters(field.maxLength)}.` };
  return { value: raw };
}

function isPixel(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255;
}

function checkImage(field: ImageField, raw: unknown, decode: CheckRowOptions["decodeImage"]): Checked {
  const decoded = typeof raw === "string" && decode ? decode(raw, field) : raw;
  if (typeof decoded === "string" && decode) return { refusal: decoded };
  const size = field.width * field.height * field.channels;
  if (!Array.isArray(decoded) || decoded.length !== size) {
    return { refusal: `Must be a list of ${size} whole numbers from 0 to 255, row by row (${field.width} × ${field.height}).` };
  }
  return decoded.every(isPixel) ? { value: decoded } : { refusal: "Every pixel must be a whole number from 0 to 255." };
}

function checkField(field: InputField, raw: unknown, prepared: Prepared, options: CheckRowOptions): Checked {
  if (field.type === "category") return checkCategory(field, raw, prepared.categories.get(field.name) ?? new Set());
  if (field.type === "text") return checkText(field, raw);
  if (field.type === "image") return checkImage(field, raw, options.decodeImage);
  return checkNumeric(field, raw, prepared.dtypes.get(field.name) ?? "float32");
}

/** The pointer of a member, as a URI fragment (RFC 6901 sections 3 and 6). */
function pointerTo(parent: string, name: string): string {
  const wellFormed = name.replace(/\p{Surrogate}/gu, "\u{fffd}");
  return `${parent}/${encodeURIComponent(wellFormed.replaceAll("~", "~0").replaceAll("/", "~1"))}`;
}

function refuseUnknown(raw: Record<string, unknown>, fields: Map<string, InputField>, pointer: string): FieldProblem[] {
  const unknown = Object.keys(raw).filter((name) => !fields.has(name));
  const problems = unknown.slice(0, NAMED_UNKNOWN).map((name) => {
    const isShort = name.length <= LONGEST_NAME;
    const detail = isShort ? "This model has no such field." : "One of the fields has a name that is too long for any field.";
    return { pointer: isShort ? pointerTo(pointer, name) : pointer, detail };
  });
  const more = unknown.length - problems.length;
  if (more > 0) problems.push({ pointer, detail: `${more} more fields are not fields of this model.` });
  return problems;
}

/**
 * Checks and coerces one row; all problems at once, in the order of the schema, unknown fields last.
 * @param raw as it was parsed from JSON, a form or a CSV line; only its own members count
 * @param pointer where the row lies in the body, e.g. `#/input` or `#/inputs/17`
 */
export function checkRow(schema: ModelSchema, raw: Record<string, unknown>, pointer: string, options: CheckRowOptions = {}): CheckedRow {
  const prepared = prepare(schema);
  const result: CheckedRow = { row: {}, warnings: [], errors: [] };
  for (const field of schema.inputs) {
    const fallback = field.type === "image" ? undefined : field.default;
    const given = Object.hasOwn(raw, field.name) ? raw[field.name] : undefined;
    const at = `${pointer}/${field.name}`;
    if (given === undefined && fallback === undefined) {
      if (field.required) result.errors.push({ pointer: at, detail: "Is missing." });
      continue;
    }
    const checked = checkField(field, given ?? (given === undefined ? fallback : null), prepared, options);
    if ("refusal" in checked) {
      result.errors.push({ pointer: at, detail: checked.refusal });
      continue;
    }
    result.row[field.name] = checked.value;
    if (checked.warning !== undefined) result.warnings.push({ code: "outside_training_range", pointer: at, detail: checked.warning });
  }
  result.errors.push(...refuseUnknown(raw, prepared.fields, pointer));
  return result;
}
