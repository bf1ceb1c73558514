/** Schemas of an OpenAPI 3.1 document, told field by field. */
import { formatNumber } from "@/lib/format";

export interface Ref {
  $ref: string;
}

/** The part of JSON Schema 2020-12 that the reference reads. */
export interface Schema {
  title?: string;
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  properties?: Record<string, Schema | Ref>;
  required?: string[];
  items?: Schema | Ref;
  oneOf?: (Schema | Ref)[];
  anyOf?: (Schema | Ref)[];
}

/** Finds what a reference inside the document points to. */
export type Resolve = <T extends object>(value: T | Ref) => T;

export interface FieldView {
  /** The way to the field, e.g. `input.tenure`. */
  name: string;
  type: string;
  /** What values it takes; empty when any value of its type will do. */
  limits: string;
  /** What stands in when it is left out: JSON text, `required`, or empty. */
  fallback: string;
  text: string;
}

const variantsOf = (schema: Schema) => schema.oneOf ?? schema.anyOf;

/** JSON's name for the type of a value; whole numbers are integers. */
function nameType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

/** The types a schema allows, e.g. `string or array of integer`. */
export function describeType(schema: Schema, resolve: Resolve): string {
  const variants = variantsOf(schema);
  if (variants) return [...new Set(variants.map((variant) => describeType(resolve(variant), resolve)))].join(" or ");
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  const types = schema.type === undefined ? values?.map(nameType) ?? ["any"] : [schema.type].flat();
  const items = schema.items && describeType(resolve(schema.items), resolve);
  const named = types.map((type) => (type === "array" && items ? `array of ${items}` : type));
  return [...new Set(named)].join(" or ");
}

function describeSpan(low: number | undefined, high: number | undefined, unit: string): string | undefined {
  if (low === undefined && high === undefined) return undefined;
  // A bound at the edge of what JSON numbers hold exactly says nothing to a reader.
  const top = high === undefined || high >= Number.MAX_SAFE_INTEGER ? undefined : formatNumber(high);
  if (low === undefined) return top && `at most ${top}${unit}`;
  if (top === undefined) return `at least ${formatNumber(low)}${unit}`;
  return low === high ? `exactly ${top}${unit}` : `${formatNumber(low)} to ${top}${unit}`;
}

/** What values a schema takes, in words. */
export function describeLimits(schema: Schema, resolve: Resolve): string {
  const variants = variantsOf(schema);
  if (variants) {
    return [...new Set(variants.map((variant) => describeLimits(resolve(variant), resolve)))].filter(Boolean).join(", or ");
  }
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (values) return values.map((value) => JSON.stringify(value)).join(", ");
  const own = [
    describeSpan(schema.minimum, schema.maximum, ""),
    describeSpan(schema.minLength, schema.maxLength, " characters"),
    describeSpan(schema.minItems, schema.maxItems, " items"),
    schema.pattern && `matches ${schema.pattern}`,
  ];
  return own.filter(Boolean).join(", ");
}

interface Place {
  name: string;
  isRequired: boolean;
}

function listBelow(given: Schema | Ref, place: Place, resolve: Resolve, seen: Map<string, string>): FieldView[] {
  const schema = resolve(given);
  const items = schema.items && resolve(schema.items);
  const isRef = "$ref" in given;
  const key = isRef ? given.$ref : schema.items && "$ref" in schema.items ? schema.items.$ref : undefined;
  const like = key && seen.get(key);
  const fallback = schema.default === undefined ? (place.isRequired ? "required" : "") : JSON.stringify(schema.default);
  const words = [schema.title && `${schema.title}.`, schema.description, like && `${isRef ? "As" : "Each as"} \`${like}\`.`];
  const own: FieldView = {
    name: place.name,
    type: items?.properties ? "array of object" : describeType(schema, resolve),
    limits: describeLimits(schema, resolve),
    fallback,
    text: words.filter(Boolean).join(" "),
  };
  if (like) return [own];
  if (key) seen.set(key, isRef ? place.name : `${place.name}[]`);
  const inner = schema.properties ? schema : items;
  return [own, ...listFields(inner ?? {}, `${place.name}${inner === items ? "[]" : ""}.`, resolve, seen)];
}

/** Every field of a body, outer before inner; a schema that comes twice is written out once. */
export function listFields(given: Schema | Ref, prefix: string, resolve: Resolve, seen = new Map<string, string>()): FieldView[] {
  const schema = resolve(given);
  const variants = prefix === "" ? variantsOf(schema) : undefined;
  if (variants) return variants.flatMap((variant) => listFields(markOneOf(resolve(variant)), prefix, resolve, seen));
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const isRequired = schema.required?.includes(name) ?? false;
    return listBelow(property, { name: `${prefix}${name}`, isRequired }, resolve, seen);
  });
}

/** One of several bodies: none of its fields is needed when another body is sent. */
function markOneOf(schema: Schema): Schema {
  return { ...schema, required: [] };
}

/** The smallest body that a schema asks for, where the document gives no example. */
export function sketchBody(given: Schema | Ref, resolve: Resolve): unknown {
  const schema = resolve(given);
  const first = variantsOf(schema)?.[0];
  if (first) return sketchBody(first, resolve);
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const type = [schema.type ?? "object"].flat()[0];
  if (type === "array") return schema.items ? [sketchBody(schema.items, resolve)] : [];
  if (type === "object") {
    const needed = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name));
    return Object.fromEntries(needed.map(([name, property]) => [name, sketchBody(property, resolve)]));
  }
  return { string: "", integer: 0, number: 0, boolean: false }[type ?? ""] ?? null;
}
