import { cloneValue, type Document } from "../bson";
import { fail } from "../errors";
import { isOperatorDocument } from "../match/operators";
import { isDocument, toRegexParts } from "../types";
import type { CompiledUpdate } from "./compile";
import { createSlot, readSlot, writeSlot } from "./paths";

/** The fields a filter fixes by equality, which an upserted document starts with. Throws 54 when it fixes one twice. */
export function upsertSeed(filter: Document): Document {
  const seed: Document = {};
  plant(seed, filter);
  return seed;
}

/** The document an upsert inserts. A missing `_id` is left to the caller. */
export function buildUpsert(filter: Document, update: CompiledUpdate): Document {
  const seed = upsertSeed(filter);
  if (update.kind !== "replacement") return update.apply(seed, { isUpsertInsert: true });
  const { _id: id } = seed;
  const document = update.apply(id === undefined ? {} : { _id: id }, { isUpsertInsert: true });
  if (document._id === undefined) delete document._id;
  return document;
}

function plant(seed: Document, filter: Document): void {
  for (const [name, argument] of Object.entries(filter)) {
    if (name === "$and" || (name === "$or" && Array.isArray(argument) && argument.length === 1)) {
      if (Array.isArray(argument)) for (const clause of argument) if (isDocument(clause)) plant(seed, clause);
    } else if (!name.startsWith("$")) {
      const value = fixedValue(argument);
      if (value !== undefined) plantValue(seed, name, value);
    }
  }
}

/** The one value a condition allows, `undefined` when it allows more. */
function fixedValue(argument: unknown): unknown {
  if (toRegexParts(argument)) return undefined;
  if (!isDocument(argument) || !isOperatorDocument(argument)) return argument;
  if (argument.$eq !== undefined) return argument.$eq;
  for (const list of [argument.$all, argument.$in]) {
    if (Array.isArray(list) && list.length === 1 && !isOperatorDocument(list[0])) return fixedValue(list[0]);
  }
  return undefined;
}

function plantValue(seed: Document, path: string, value: unknown): void {
  const slot = createSlot(seed, path.split("."));
  if (readSlot(slot) !== undefined)
    fail(54, "NotSingleValueField", `cannot infer query fields to set, path '${path}' is matched twice`);
  writeSlot(slot, cloneValue(value));
}
