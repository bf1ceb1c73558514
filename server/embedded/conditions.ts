import { getField, type Document } from "./bson";
import { compileFilter } from "./match/filter";
import { isDocument, isNotANumber, typeName, valuesIdentical, type Collation } from "./values";

export interface Bound {
  operator: "$gt" | "$gte" | "$lt" | "$lte";
  value: unknown;
}

/** What a filter demands of one field, as far as an index can make use of it. */
export interface FieldConditions {
  /** The field equals one of these. */
  equals?: unknown[];
  bounds?: Bound[];
}

const BOUND_TYPES = new Set<string>(["int", "long", "double", "decimal", "string", "objectId", "date", "timestamp", "bool"]);
const BOUND_OPERATORS = ["$gt", "$gte", "$lt", "$lte"] as const;

/** Conditions that hold for every matching document: those at the top and inside `$and`. */
export function collectConditions(filter: Document, into = new Map<string, FieldConditions>()): Map<string, FieldConditions> {
  for (const field of Object.keys(filter)) {
    const value = filter[field];
    if (field === "$and" && Array.isArray(value)) {
      for (const part of value) if (isDocument(part)) collectConditions(part, into);
    }
    if (field.startsWith("$")) continue;
    const conditions = into.get(field) ?? {};
    into.set(field, conditions);
    if (isOperatorDocument(value)) addOperators(conditions, value);
    else if (isIndexableEquality(value)) conditions.equals ??= [value];
  }
  return into;
}

function addOperators(conditions: FieldConditions, operators: Document): void {
  const equal = getField(operators, "$eq");
  if (equal !== undefined && isIndexableEquality(equal)) conditions.equals ??= [equal];
  const oneOf = getField(operators, "$in");
  if (Array.isArray(oneOf) && oneOf.every(isIndexableEquality)) conditions.equals ??= oneOf;
  for (const operator of BOUND_OPERATORS) {
    const value = getField(operators, operator);
    if (isIndexableBound(value)) conditions.bounds = [...(conditions.bounds ?? []), { operator, value }];
  }
}

export function isOperatorDocument(value: unknown): value is Document {
  if (!isDocument(value)) return false;
  const first = Object.keys(value)[0];
  return first !== undefined && first.startsWith("$") && first !== "$ref" && first !== "$id" && first !== "$db";
}

/** Regular expressions match by pattern; an array equals both itself and an element of its parent. */
function isIndexableEquality(value: unknown): boolean {
  const type = typeName(value);
  return type !== "regex" && type !== "missing" && !(Array.isArray(value) && value.length === 0);
}

/** Comparisons with these types look at values of that type only, so that they are one stretch of the index. */
function isIndexableBound(value: unknown): boolean {
  return BOUND_TYPES.has(typeName(value)) && !isNotANumber(value);
}

const IMPLIES_EXISTENCE = new Set(["$gt", "$gte", "$lt", "$lte", "$eq", "$in"]);

/**
 * Whether every document that matches `filter` certainly matches `partial` (a partial index's filter, which
 * createIndexes keeps to equality, comparison, `$in`, `$type`, `$exists: true` and `$and`).
 */
export function impliesFilter(filter: Document, partial: Document, collation?: Collation): boolean {
  return Object.keys(partial).every((field) => {
    const wanted = partial[field];
    if (field === "$and" && Array.isArray(wanted)) {
      return wanted.every((part) => isDocument(part) && impliesFilter(filter, part, collation));
    }
    return listDemands(filter, field).some((given) => impliesCondition(field, given, wanted, collation));
  });
}

/** What the filter says of a field, at the top and inside `$and`. */
function listDemands(filter: Document, field: string): unknown[] {
  const own = getField(filter, field);
  const nested = getField(filter, "$and");
  const inner = Array.isArray(nested) ? nested.filter(isDocument).flatMap((part) => listDemands(part, field)) : [];
  return own === undefined ? inner : [own, ...inner];
}

function impliesCondition(field: string, given: unknown, wanted: unknown, collation?: Collation): boolean {
  if (valuesIdentical(given, wanted)) return true;
  if (field.startsWith("$")) return false;
  const type = typeName(given);
  if (!isOperatorDocument(given)) {
    if (type === "regex" || type === "array" || type === "object" || type === "null") return false;
    return compileFilter({ value: wanted }, { collation })({ value: given });
  }
  const isExistsTrue = isOperatorDocument(wanted) && Object.keys(wanted).length === 1 && wanted.$exists === true;
  if (!isExistsTrue) return false;
  return Object.keys(given).some((operator) => {
    if (!IMPLIES_EXISTENCE.has(operator)) return false;
    const value = given[operator];
    return Array.isArray(value) ? value.every((item) => item !== null && typeName(item) !== "regex") : value !== null;
  });
}
