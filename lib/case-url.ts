/** A case in the address: what the reader typed, field by field, so that a link restores the page. */
import type { Example } from "@/lib/contracts/catalog";
import type { InputField } from "@/lib/contracts/model-schema";
import type { FieldValue } from "@/lib/contracts/predict";

/** What a form holds: text as typed, or an image's pixels. */
export type FormValue = string | number[];
export type FormValues = Record<string, FormValue>;

/** Names a stored prediction whose input does not fit into an address. No field can have this name, because it has a hyphen. */
export const STORED_CASE = "case-of";
/** Servers and proxies take addresses of some thousand characters. */
const LONGEST_QUERY = 4_000;

function encodePixels(pixels: number[]): string {
  return btoa(String.fromCharCode(...pixels)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function decodePixels(text: string, size: number): number[] | null {
  try {
    const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return bytes.length === size ? Array.from(bytes, (byte) => byte.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

/** A number that went through 32 bits shows its short form again: 15.19, not 15.1899996. */
function writeNumber(value: number): string {
  const short = Number(value.toPrecision(7));
  return String(Math.fround(short) === Math.fround(value) ? short : value);
}

/** An example as form values. */
export function toFormValues(input: Example["input"]): FormValues {
  const write = (value: FieldValue): FormValue => (Array.isArray(value) ? value : typeof value === "number" ? writeNumber(value) : value);
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, write(value)]));
}

function isSame(one: FormValue | undefined, other: FormValue | undefined): boolean {
  if (one === other || !Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((pixel, index) => pixel === other[index]);
}

/** Whether two cases hold the same in every field. */
export function isSameCase(fields: InputField[], one: FormValues, other: FormValues): boolean {
  return fields.every((field) => isSame(one[field.name], other[field.name]));
}

/** The query (without `?`) that restores `values`: only what differs from the case the page starts with. */
export function toQuery(fields: InputField[], values: FormValues, start: FormValues): string {
  const query = new URLSearchParams();
  for (const { name } of fields) {
    const value = values[name];
    if (value !== undefined && !isSame(value, start[name])) query.set(name, Array.isArray(value) ? encodePixels(value) : value);
  }
  return query.toString();
}

/** The case an address names, laid over the one the page starts with; what cannot be read is left as it was. */
export function fromQuery(fields: InputField[], query: URLSearchParams, start: FormValues): FormValues {
  const values = { ...start };
  for (const field of fields) {
    const text = query.get(field.name);
    if (text === null) continue;
    const value = field.type === "image" ? decodePixels(text, field.width * field.height) : text;
    if (value !== null) values[field.name] = value;
  }
  return values;
}

/** A stored input as the form holds it: a field that was not sent is empty, whatever the page starts with. */
export function toStoredValues(fields: InputField[], input: Example["input"], start: FormValues): FormValues {
  const sent = toFormValues(input);
  return Object.fromEntries(fields.map(({ name, type }) => [name, sent[name] ?? (type === "image" ? (start[name] ?? []) : "")]));
}

/** The query that puts a stored prediction back into the form: its values, or its id where they are too long for an address. */
export function toStoredQuery(fields: InputField[], stored: { id: string; input: Example["input"] }, start: FormValues): string {
  const query = toQuery(fields, toStoredValues(fields, stored.input, start), start);
  return query.length <= LONGEST_QUERY ? query : `${STORED_CASE}=${stored.id}`;
}
