import { cloneValue, type Document } from "../bson";
import { fail, failBadValue, failToParse } from "../errors";
import { compileFilter } from "../match/filter";
import { isOperatorDocument } from "../match/operators";
import { compileSort, sortDocuments } from "../sort";
import { isDocument, isNumber, toInteger, toNumber, toRegexParts, typeName } from "../types";
import { compileMembership, listNew } from "../value-set";
import { compareValues, valuesEqual, type Collation } from "../values";
import type { Apply } from "./operators";
import { readSlot, writeSlot, type Slot } from "./paths";

// Only a missing field counts as an empty array; null does not.
function readOrEmpty(slot: Slot): unknown {
  const value = readSlot(slot);
  return value === undefined ? [] : value;
}

interface PushPlan {
  items: unknown[];
  position?: number;
  slice?: number;
  sort?: (items: unknown[]) => unknown[];
}

const PUSH_CLAUSES = new Set(["$each", "$position", "$slice", "$sort"]);

/** `$push`, with `$each`, `$position`, `$sort` and `$slice` in that order whatever the order they are written in. */
export function pushItems(argument: unknown, path: string, collation?: Collation): Apply {
  const plan = isDocument(argument) && "$each" in argument ? planPush(argument, collation) : { items: [argument] };
  return (slot) => {
    const current = readOrEmpty(slot);
    if (!Array.isArray(current))
      failBadValue(`The field '${path}' must be an array but is of type ${typeName(current)} in document`);
    const { position = current.length } = plan;
    const at = position < 0 ? Math.max(0, current.length + position) : position;
    const items = [...current.slice(0, at), ...plan.items.map(cloneValue), ...current.slice(at)];
    const sorted = plan.sort ? plan.sort(items) : items;
    const { slice } = plan;
    if (slice === undefined) return writeSlot(slot, sorted);
    return writeSlot(slot, slice < 0 ? sorted.slice(slice) : sorted.slice(0, slice));
  };
}

function planPush(argument: Document, collation?: Collation): PushPlan {
  for (const name of Object.keys(argument)) if (!PUSH_CLAUSES.has(name)) failBadValue(`Unrecognized clause in $push: ${name}`);
  const { $each: items, $position: position, $slice: slice, $sort: sort } = argument;
  if (!Array.isArray(items)) failBadValue(`The argument to $each in $push must be an array but it was of type: ${typeName(items)}`);
  return {
    items,
    position: position === undefined ? undefined : requireInteger("$position", position),
    slice: slice === undefined ? undefined : requireInteger("$slice", slice),
    sort: sort === undefined ? undefined : compileItemSort(sort, collation),
  };
}

function requireInteger(name: string, value: unknown): number {
  return toInteger(value) ?? failBadValue(`The value for ${name} must be an integer value but was given type: ${typeName(value)}`);
}

function compileItemSort(sort: unknown, collation?: Collation): (items: unknown[]) => unknown[] {
  if (isNumber(sort)) {
    const direction = toNumber(sort);
    if (Math.abs(direction) !== 1) failBadValue("The $sort element value must be either 1 or -1");
    return (items) => items.toSorted((a, b) => direction * compareValues(a, b, collation));
  }
  if (!isDocument(sort))
    failBadValue("The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields");
  const sorter = compileSort(sort, collation);
  return (items) => sortDocuments(items, sorter, (item) => (isDocument(item) ? item : {}));
}

/** `$addToSet`: appends what is not there yet, by the equality of queries. */
export function addToSet(argument: unknown, path: string, collation?: Collation): Apply {
  const each = isDocument(argument) && "$each" in argument ? argument.$each : [argument];
  if (!Array.isArray(each))
    fail(14, "TypeMismatch", `The argument to $each in $addToSet must be an array but it was of type ${typeName(each)}`);
  return (slot) => {
    const current = readOrEmpty(slot);
    if (!Array.isArray(current)) {
      failBadValue(`Cannot apply $addToSet to non-array field. Field named '${path}' has non-array type ${typeName(current)}`);
    }
    writeSlot(slot, [...current, ...listNew(each, current, collation).map(cloneValue)]);
  };
}

/** `$pop`: removes the last element for 1, the first for -1. */
export function popItem(argument: unknown, path: string): Apply {
  const end = toNumber(argument);
  if (Math.abs(end) !== 1) failToParse(`$pop expects 1 or -1, found: ${String(end)}`);
  return (slot) => {
    const items = readSlot(slot);
    if (items === undefined) return;
    if (!Array.isArray(items))
      fail(14, "TypeMismatch", `Path '${path}' contains an element of non-array type '${typeName(items)}'`);
    writeSlot(slot, end < 0 ? items.slice(1) : items.slice(0, -1));
  };
}

function removeWhere(matches: (item: unknown) => boolean): Apply {
  return (slot) => {
    const items = readSlot(slot);
    if (items === undefined) return;
    if (!Array.isArray(items)) failBadValue("Cannot apply $pull to a non-array value");
    if (items.some(matches))
      writeSlot(
        slot,
        items.filter((item) => !matches(item)),
      );
  };
}

/** `$pull`: a value, a regular expression, operators on the element, or a filter on elements that are documents. */
export function pullMatching(argument: unknown, collation?: Collation): Apply {
  if (isDocument(argument) && !isOperatorDocument(argument)) {
    const matches = compileFilter(argument, { collation });
    return removeWhere((item) => isDocument(item) && matches(item));
  }
  if (isDocument(argument) || toRegexParts(argument)) {
    const matches = compileFilter({ item: argument }, { collation });
    return removeWhere((item) => matches({ item }));
  }
  return removeWhere((item) => valuesEqual(item, argument, collation));
}

/** `$pullAll`: removes every element equal to one of the list. */
export function pullAll(argument: unknown, collation?: Collation): Apply {
  if (!Array.isArray(argument)) failBadValue(`$pullAll requires an array argument but was given a ${typeName(argument)}`);
  return removeWhere(compileMembership(argument, collation));
}
