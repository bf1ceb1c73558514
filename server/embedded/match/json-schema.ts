import { hasField, getField } from "../bson";
import { fail, failBadValue, failToParse, refuse } from "../errors";
import { isDocument, isNumber, toNumber, TYPE_CODES, typeName } from "../types";
import { compareValues, valuesEqual } from "../values";
import { compileRegex } from "./regex";
import type { ValueTest } from "./operators";

type Keyword = (argument: unknown, schema: Record<string, unknown>) => ValueTest;

/** Compiles `$jsonSchema` (draft 4 with `bsonType`). Keywords this server does not check are refused, never skipped. */
export function compileJsonSchema(schema: unknown): ValueTest {
  if (!isDocument(schema)) fail(14, "TypeMismatch", "$jsonSchema must be an object");
  const tests = Object.entries(schema).flatMap(([name, argument]) => {
    if (name === "title" || name === "description") return [];
    const compile = KEYWORDS.get(name);
    if (!compile) {
      if (REFUSED.has(name)) refuse(`$jsonSchema keyword '${name}'`);
      failToParse(`Unknown $jsonSchema keyword: ${name}`);
    }
    return [compile(argument, schema)];
  });
  return (value) => tests.every((test) => test(value));
}

const REFUSED = new Set(["patternProperties", "dependencies", "additionalItems", "encrypt", "encryptMetadata"]);

function compileTypes(argument: unknown, isJson: boolean): ValueTest {
  const names = (Array.isArray(argument) ? argument : [argument]).map((name) => {
    const type = isJson && name === "boolean" ? "bool" : name;
    if (typeof type !== "string" || (type !== "number" && !TYPE_CODES.has(type)))
      failBadValue(`Unknown type name alias: ${String(name)}`);
    return type;
  });
  return (value) => names.includes(typeName(value)) || (names.includes("number") && isNumber(value));
}

function requireList(name: string, argument: unknown): unknown[] {
  return Array.isArray(argument) ? argument : fail(14, "TypeMismatch", `$jsonSchema keyword '${name}' must be an array`);
}

function forNumbers(holds: (order: number) => boolean): Keyword {
  return (limit) => (value) => !isNumber(value) || holds(compareValues(value, limit));
}

function forLength(lengthOf: (value: unknown) => number | undefined, holds: (length: number, limit: number) => boolean): Keyword {
  return (argument) => {
    const limit = toNumber(argument);
    return (value) => {
      const length = lengthOf(value);
      return length === undefined || holds(length, limit);
    };
  };
}

const textLength = (value: unknown) => (typeof value === "string" ? [...value].length : undefined);
const itemCount = (value: unknown) => (Array.isArray(value) ? value.length : undefined);
const fieldCount = (value: unknown) => (isDocument(value) ? Object.keys(value).length : undefined);
const atLeast = (length: number, limit: number) => length >= limit;
const atMost = (length: number, limit: number) => length <= limit;

function compileProperties(argument: unknown): ValueTest {
  if (!isDocument(argument)) fail(14, "TypeMismatch", "$jsonSchema keyword 'properties' must be an object");
  const tests = Object.entries(argument).map(([name, schema]) => ({ name, test: compileJsonSchema(schema) }));
  return (value) => !isDocument(value) || tests.every(({ name, test }) => !hasField(value, name) || test(getField(value, name)));
}

function compileAdditional(argument: unknown, schema: Record<string, unknown>): ValueTest {
  if (argument === true) return () => true;
  const test = argument === false ? () => false : compileJsonSchema(argument);
  const known = new Set(isDocument(schema.properties) ? Object.keys(schema.properties) : []);
  return (value) => !isDocument(value) || Object.keys(value).every((name) => known.has(name) || test(getField(value, name)));
}

function compileEach(name: string, argument: unknown): ValueTest[] {
  return requireList(name, argument).map(compileJsonSchema);
}

const KEYWORDS: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  ["bsonType", (argument) => compileTypes(argument, false)],
  ["type", (argument) => compileTypes(argument, true)],
  [
    "required",
    (argument) => {
      const names = requireList("required", argument).map(String);
      return (value) => !isDocument(value) || names.every((name) => hasField(value, name));
    },
  ],
  ["properties", compileProperties],
  ["additionalProperties", compileAdditional],
  [
    "enum",
    (argument) => {
      const allowed = requireList("enum", argument);
      return (value) => allowed.some((candidate) => valuesEqual(candidate, value));
    },
  ],
  ["minimum", (limit, schema) => forNumbers((order) => (schema.exclusiveMinimum === true ? order > 0 : order >= 0))(limit, schema)],
  ["maximum", (limit, schema) => forNumbers((order) => (schema.exclusiveMaximum === true ? order < 0 : order <= 0))(limit, schema)],
  ["exclusiveMinimum", () => () => true],
  ["exclusiveMaximum", () => () => true],
  ["multipleOf", (factor) => (value) => !isNumber(value) || toNumber(value) % toNumber(factor) === 0],
  ["minLength", forLength(textLength, atLeast)],
  ["maxLength", forLength(textLength, atMost)],
  ["minItems", forLength(itemCount, atLeast)],
  ["maxItems", forLength(itemCount, atMost)],
  ["minProperties", forLength(fieldCount, atLeast)],
  ["maxProperties", forLength(fieldCount, atMost)],
  [
    "pattern",
    (argument) => {
      const matches = compileRegex(String(argument), "");
      return (value) => typeof value !== "string" || matches(value);
    },
  ],
  [
    "items",
    (argument) => {
      if (Array.isArray(argument)) refuse("$jsonSchema keyword 'items' with an array");
      const test = compileJsonSchema(argument);
      return (value) => !Array.isArray(value) || value.every(test);
    },
  ],
  [
    "uniqueItems",
    (argument) => (value) =>
      argument !== true ||
      !Array.isArray(value) ||
      value.every((item, i) => !value.slice(0, i).some((other) => valuesEqual(item, other))),
  ],
  [
    "allOf",
    (argument) => {
      const tests = compileEach("allOf", argument);
      return (value) => tests.every((test) => test(value));
    },
  ],
  [
    "anyOf",
    (argument) => {
      const tests = compileEach("anyOf", argument);
      return (value) => tests.some((test) => test(value));
    },
  ],
  [
    "oneOf",
    (argument) => {
      const tests = compileEach("oneOf", argument);
      return (value) => tests.filter((test) => test(value)).length === 1;
    },
  ],
  [
    "not",
    (argument) => {
      const test = compileJsonSchema(argument);
      return (value) => !test(value);
    },
  ],
]);
