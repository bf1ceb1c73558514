import type { Collection } from "./catalog";
import { getField, type Document } from "./bson";
import type { ReadContext } from "./engine";
import { failBadValue } from "./errors";
import type { Index } from "./indexes";
import { collectConditions, impliesFilter, type FieldConditions } from "./conditions";
import { buildRanges, type KeyRange } from "./key-ranges";
import { isDocument, isSameCollation, toNumber, valuesIdentical, type Collation } from "./values";

/** How documents will be found. Without an index and branches every document is looked at. */
export interface Plan {
  index: Index | null;
  /** The branches of an `$or`, each found by an index of its own. */
  branches?: Plan[];
  /** In the order they are to be walked. */
  ranges: KeyRange[];
  reverse: boolean;
  /** The documents come in the order of the requested sort. */
  isSorted: boolean;
  /** One document may be met several times. */
  mayRepeat: boolean;
}

export interface PlanRequest {
  filter: Document;
  sort?: Document;
  hint?: unknown;
  collation?: Collation;
  /** Knows which indexes may be used. */
  context: Pick<ReadContext, "isIndexUsable">;
}

const MAX_EQUALITY_VALUES = 200;
const MAX_RANGES = 1000;
const MAX_BRANCHES = 100;
/** What an index is worth that gives nothing but the order. */
const ORDER_SCORE = 3;

/**
 * Chooses the index with the longest equality prefix, then a range or the sort after it; for an `$or` one for each branch. Whatever
 * is chosen, every document found is still tested against the whole filter: a plan may only ever find too many.
 * @throws 2 when the hint names no index
 */
export function planQuery(collection: Collection, request: PlanRequest): Plan {
  const hinted = findHinted(collection, request.hint);
  if (isNaturalHint(request.hint)) return planScan(collection, request.hint);
  const best = chooseIndex(hinted ? [hinted] : collection.indexes, request, hinted);
  const isForOrder = best === null || best.score <= ORDER_SCORE;
  const union = !hinted && isForOrder ? planUnion(collection.indexes, request) : null;
  return union ?? best?.plan ?? planScan(collection, request.hint);
}

/** Null unless every branch of an `$or` has an index: one that has none asks for a scan anyway. */
function planUnion(indexes: Index[], request: PlanRequest): Plan | null {
  for (const branches of listAlternatives(request.filter)) {
    if (branches.length > MAX_BRANCHES) continue;
    const plans = branches.flatMap((branch) => {
      const filter = { $and: [branch, request.filter] };
      return chooseIndex(indexes, { ...request, filter, sort: undefined }, null)?.plan ?? [];
    });
    if (plans.length < branches.length) continue;
    return { index: null, branches: plans, ranges: [], reverse: false, isSorted: false, mayRepeat: true };
  }
  return null;
}

/** The branches of every `$or` that all matching documents satisfy. */
function listAlternatives(filter: Document): Document[][] {
  const [either, both] = [getField(filter, "$or"), getField(filter, "$and")];
  const inner = Array.isArray(both) ? both.filter(isDocument).flatMap(listAlternatives) : [];
  return Array.isArray(either) ? [either.filter(isDocument), ...inner] : inner;
}

function chooseIndex(candidates: Index[], request: PlanRequest, hinted: Index | null): { plan: Plan; score: number } | null {
  const conditions = collectConditions(request.filter);
  let best: { plan: Plan; score: number } | null = null;
  for (const index of candidates) {
    if (!request.context.isIndexUsable(index)) continue;
    if (!isSameCollation(index.collation, request.collation)) continue;
    const candidate = planWithIndex(index, conditions, request, index === hinted);
    if (candidate && candidate.score > (best?.score ?? 0)) best = candidate;
  }
  return best;
}

function planScan(collection: Collection, hint: unknown): Plan {
  const reverse = isNaturalHint(hint) && toNumber(hint.$natural) < 0;
  const range = { start: collection.documentPrefix, end: collection.documentEnd };
  return { index: null, ranges: [range], reverse, isSorted: false, mayRepeat: false };
}

function isNaturalHint(hint: unknown): hint is { $natural: unknown } {
  return isDocument(hint) && getField(hint, "$natural") !== undefined;
}

function findHinted(collection: Collection, hint: unknown): Index | null {
  if (hint === undefined || hint === null || isNaturalHint(hint)) return null;
  if (isDocument(hint) && Object.keys(hint).length === 0) return null;
  const found = collection.indexes.find((index) => (typeof hint === "string" ? index.name === hint : hasSameKey(index.key, hint)));
  if (found) return found;
  return failBadValue(
    "error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index",
  );
}

/** Whether two index key patterns are the same, `1` and `1.0` alike. */
export function hasSameKey(a: Document, b: unknown): boolean {
  if (!isDocument(b)) return false;
  const names = Object.keys(a);
  const others = Object.keys(b);
  return (
    names.length === others.length &&
    names.every((name, i) => {
      if (name !== others[i]) return false;
      const direction = toNumber(a[name]);
      return Number.isNaN(direction) ? valuesIdentical(a[name], b[name]) : direction === toNumber(b[name]);
    })
  );
}

function planWithIndex(
  index: Index,
  conditions: Map<string, FieldConditions>,
  request: PlanRequest,
  isHinted: boolean,
): { plan: Plan; score: number } | null {
  if (index.partialFilter && !impliesFilter(request.filter, index.partialFilter, index.collation)) return null;
  const { prefix, combinations } = measurePrefix(index, conditions);
  const next = index.parts[prefix];
  const bounds = next ? conditions.get(next.field)?.bounds : undefined;
  if (index.sparse && !isHinted && !findsAllInSparse(index, prefix, conditions, bounds !== undefined)) return null;
  const direction = combinations === 1 ? matchSort(index, prefix, request.sort) : 0;
  const isUniqueMatch = index.unique && prefix === index.parts.length;
  const score = prefix * 10 + (bounds ? 5 : 0) + (direction ? 3 : 0) + (isUniqueMatch ? 2 : 0) + (isHinted ? 1 : 0);
  if (score === 0) return null;
  const ranges = buildRanges(index, prefix, conditions, bounds);
  const mayRepeat = index.multikey || ranges.length > 1;
  return { plan: { index, ranges, reverse: direction < 0, isSorted: direction !== 0, mayRepeat }, score };
}

/** How many leading parts are bound to given values, and how many combinations those make. */
function measurePrefix(index: Index, conditions: Map<string, FieldConditions>): { prefix: number; combinations: number } {
  let prefix = 0;
  let combinations = 1;
  for (const part of index.parts) {
    const values = conditions.get(part.field)?.equals;
    if (!values || values.length > MAX_EQUALITY_VALUES || combinations * values.length > MAX_RANGES) break;
    combinations *= values.length;
    prefix += 1;
  }
  return { prefix, combinations };
}

/** A sparse index leaves out documents without any of its fields; null would match those. */
function findsAllInSparse(index: Index, prefix: number, conditions: Map<string, FieldConditions>, hasBounds: boolean): boolean {
  const certain = index.parts.slice(0, prefix).some((part) => {
    const values = conditions.get(part.field)?.equals ?? [];
    return values.every((value) => value !== null);
  });
  return certain || hasBounds;
}

/** 1 or -1 when walking the index forwards or backwards gives the sort's order, else 0. */
function matchSort(index: Index, prefix: number, sort: Document | undefined): number {
  if (!sort || index.multikey || index.longKeys) return 0;
  const fixed = new Set(index.parts.slice(0, prefix).map((part) => part.field));
  const rest = index.parts.slice(prefix);
  let direction = 0;
  let position = 0;
  for (const field of Object.keys(sort)) {
    if (fixed.has(field)) continue;
    const wanted = toNumber(sort[field]);
    const part = rest[position];
    if (part?.field !== field || (wanted !== 1 && wanted !== -1)) return 0;
    const step = wanted < 0 === part.descending ? 1 : -1;
    if (direction !== 0 && step !== direction) return 0;
    direction = step;
    position += 1;
  }
  return direction === 0 ? 1 : direction;
}
