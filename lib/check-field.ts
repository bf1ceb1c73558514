/**
 * The check of one field's value, made ready once for a field of a schema: what can be known from the schema alone (ranges, sentences,
 * the set of categories) is worked out here and not for each row. No code is made from text, so it runs where a page forbids that.
 */
import type {
  CategoryField,
  ImageField,
  InputField,
  InputTensor,
  IntegerField,
  NumberField,
  TextField,
} from "@/lib/contracts/model-schema";
import type { FieldValue } from "@/lib/contracts/predict";

/** How many values of a category are named before the rest is only counted. */
const NAMED_CATEGORIES = 8;
const LARGEST_FLOAT32 = 3.4028234663852886e38;
const NUMERIC_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const integerRanges: Partial<Record<InputTensor["dtype"], readonly [low: number, high: number]>> = {
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-2_147_483_648, 2_147_483_647],
  uint8: [0, 255],
  bool: [0, 1],
};

/** The sentence that refuses a value. */
export class Refusal {
  constructor(readonly detail: string) {}
}

/** Turns text sent for an image into its pixels, or into the sentence that refuses it. */
export type DecodeImage = (text: string, field: ImageField) => number[] | string;

export interface FieldCheck {
  /** The value of a field as the model gets it, or why it cannot have it. Without `decode` no text is taken for an image. */
  read: (raw: unknown, decode: DecodeImage | undefined) => FieldValue | Refusal;
  /** What to tell about values outside the training range. */
  range: { min: number; max: number; warning: string } | null;
}

/** The number a value stands for: a finite number, or text in decimal notation with blanks around it at most. Else NaN. */
function toNumber(raw: unknown): number {
  if (typeof raw === "string") {
    const trimmed = raw.trim();
    return NUMERIC_TEXT.test(trimmed) ? toNumber(Number(trimmed)) : Number.NaN;
  }
  if (typeof raw !== "number" || !Number.isFinite(raw)) return Number.NaN;
  return raw === 0 ? 0 : raw;
}

function withUnit(value: number, unit: string | undefined): string {
  return unit ? `${value} ${unit}` : String(value);
}

function prepareRange({ min, max, unit }: IntegerField | NumberField): FieldCheck["range"] {
  if (min === undefined && max === undefined) return null;
  const told =
    max === undefined
      ? `of ${withUnit(min ?? 0, unit)} and more`
      : min === undefined
        ? `up to ${withUnit(max, unit)}`
        : `from ${min} to ${withUnit(max, unit)}`;
  return { min: min ?? -Infinity, max: max ?? Infinity, warning: `The model was trained on values ${told}.` };
}

function prepareNumeric(field: IntegerField | NumberField, dtype: InputTensor["dtype"]): FieldCheck {
  const range = integerRanges[dtype];
  const whole = field.type === "integer" || range !== undefined;
  const notOne = new Refusal(whole ? "Must be a whole number." : "Must be a number.");
  const largest = dtype === "float32" ? LARGEST_FLOAT32 : Infinity;
  const [low, high] = whole ? (range ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]) : [-largest, largest];
  const tooFar = new Refusal(whole ? `Must be between ${low} and ${high}.` : "Must be between -3.4e38 and 3.4e38.");
  const read = (raw: unknown) => {
    const value = toNumber(raw);
    if (whole ? !Number.isInteger(value) : Number.isNaN(value)) return notOne;
    return value < low || value > high ? tooFar : value;
  };
  return { read, range: prepareRange(field) };
}

function prepareCategory({ categories }: CategoryField): FieldCheck {
  const values = new Set(categories.map((category) => category.value));
  const named = categories.slice(0, NAMED_CATEGORIES).map((category) => JSON.stringify(category.value));
  const more = categories.length - named.length;
  const notOne = new Refusal(`Must be one of ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`);
  const read = (raw: unknown) => {
    if (typeof raw === "string" && values.has(raw)) return raw;
    const number = toNumber(raw);
    return values.has(number) ? number : notOne;
  };
  return { read, range: null };
}

const characters = (count: number) => (count === 1 ? "1 character" : `${count} characters`);

/** Characters, not units of UTF-16, of which each takes one or two; counted only where that makes a difference. */
function isWithin(text: string, least: number, most: number): -1 | 0 | 1 {
  if (text.length <= most && text.length >= 2 * least) return 0;
  let count = 0;
  for (const _character of text) count += 1;
  return count < least ? -1 : count > most ? 1 : 0;
}

function prepareText({ minLength, maxLength }: TextField): FieldCheck {
  const noText = new Refusal("Must be text.");
  const withNul = new Refusal("Must not contain a NUL character.");
  const halved = new Refusal("Must be well-formed Unicode: it holds half of a character pair.");
  const tooShort = new Refusal(`Must have at least ${characters(minLength)}.`);
  const tooLong = new Refusal(`Must have at most ${characters(maxLength)}.`);
  const read = (raw: unknown) => {
    if (typeof raw !== "string") return noText;
    if (raw.includes("\0")) return withNul;
    if (/\p{Surrogate}/u.test(raw)) return halved;
    const place = isWithin(raw, minLength, maxLength);
    if (place === 0) return raw;
    return place < 0 ? tooShort : tooLong;
  };
  return { read, range: null };
}

function isPixel(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255;
}

function prepareImage(field: ImageField): FieldCheck {
  const { width, height, channels } = field;
  const size = width * height * channels;
  const noList = new Refusal(`Must be a list of ${size} whole numbers from 0 to 255, row by row (${width} × ${height}).`);
  const noPixels = new Refusal("Every pixel must be a whole number from 0 to 255.");
  const read = (raw: unknown, decode: DecodeImage | undefined) => {
    const decoded = typeof raw === "string" && decode ? decode(raw, field) : raw;
    if (typeof decoded === "string" && decode) return new Refusal(decoded);
    if (!Array.isArray(decoded) || decoded.length !== size) return noList;
    return decoded.every(isPixel) ? decoded : noPixels;
  };
  return { read, range: null };
}

/** @param dtype of the tensor that the field fills */
export function prepareField(field: InputField, dtype: InputTensor["dtype"]): FieldCheck {
  if (field.type === "category") return prepareCategory(field);
  if (field.type === "text") return prepareText(field);
  if (field.type === "image") return prepareImage(field);
  return prepareNumeric(field, dtype);
}
