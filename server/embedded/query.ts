import type { Collection } from "./catalog";
import { deserializeTyped, getField, type Document } from "./bson";
import type { Deadline } from "./deadline";
import type { ReadContext } from "./engine";
import type { Variables } from "./expressions/scope";
import { fail } from "./errors";
import { isBuilt } from "./indexes";
import type { KeyRange } from "./key-ranges";
import { afterKey, readRecord } from "./keys";
import { compileFilter, type Predicate } from "./match/filter";
import { planQuery, type Plan } from "./planner";
import { buildDocumentKey } from "./records";
import { compileSort, sortPatiently, type Sorter } from "./sort";
import type { Entry, View } from "./store";
import type { Collation } from "./values";

export interface QueryOptions {
  sort?: Document;
  skip?: number;
  /** 0 means no limit. */
  limit?: number;
  hint?: unknown;
  collation?: Collation;
  variables?: Variables;
}

export interface Found {
  record: number;
  bytes: Buffer;
  document: Document;
}

/** What a query looked at, for explain. */
export interface QueryCounters {
  documentsExamined: number;
}

/** A query, checked and planned, ready to run once. */
export interface PreparedQuery {
  view: View;
  collection: Collection;
  matches: Predicate;
  plan: Plan;
  /** Present when the plan does not already give the order. */
  sorter?: Sorter;
  skip: number;
  limit: number;
  counters: QueryCounters;
  /** Outside of a transaction what the query walks may be dropped meanwhile. */
  isLive: boolean;
}

const CHUNK_ENTRIES = 128;
const CHUNK_BYTES = 1024 * 1024;

/** @throws MongoDB's code for a malformed filter, sort, hint or collation */
export function prepareQuery(
  context: ReadContext,
  collection: Collection,
  filter: Document,
  options: QueryOptions,
): PreparedQuery {
  const chosen = options.collation ?? collection.collation;
  const collation = chosen?.caseInsensitive ? chosen : undefined;
  const matches = compileFilter(filter, { collation, variables: options.variables });
  const { sort, hint } = readNaturalSort(options);
  const plan = planQuery(collection, { filter, sort, hint, collation, context });
  return {
    view: context.view,
    collection,
    matches,
    plan,
    sorter: sort && !plan.isSorted ? compileSort(sort, collation) : undefined,
    skip: options.skip ?? 0,
    limit: options.limit ?? 0,
    counters: { documentsExamined: 0 },
    isLive: context.transaction === null,
  };
}

/** `sort: { $natural: 1 }` asks for the order of insertion; it works like the hint of that name. */
function readNaturalSort({ sort, hint }: QueryOptions): { sort?: Document; hint: unknown } {
  if (!sort || Object.keys(sort).length === 0) return { hint };
  const natural = getField(sort, "$natural");
  return natural === undefined ? { sort, hint } : { hint: { $natural: natural } };
}

/** Whether running it may take long: many documents and no index to find them with. */
export function isSlow(query: PreparedQuery): boolean {
  const isFound = query.plan.index !== null || query.plan.branches !== undefined;
  return (!isFound || query.sorter !== undefined) && query.collection.count > CHUNK_ENTRIES * 4;
}

/**
 * Matching documents, sorted, skipped and limited. An `undefined` means "nothing yet": a caller that can wait lets
 * others have their turn. No LMDB cursor stays open between two values, so the generator can be kept for long.
 */
export function* runQuery(query: PreparedQuery, deadline: Deadline): Generator<Found | undefined> {
  let skipped = 0;
  let returned = 0;
  const source = query.sorter ? sortMatches(query, query.sorter, deadline) : walkMatches(query, deadline);
  for (const found of source) {
    if (!found) {
      yield undefined;
    } else if (skipped < query.skip) {
      skipped += 1;
    } else {
      yield found;
      returned += 1;
      if (query.limit > 0 && returned >= query.limit) return;
    }
  }
}

/** Runs a query to its end without letting go: inside a store transaction. */
export function findNow(query: PreparedQuery, deadline: Deadline): Found[] {
  const out: Found[] = [];
  for (const found of runQuery(query, deadline)) if (found) out.push(found);
  return out;
}

/** Runs a query to its end, a few milliseconds at a time. `keep` says what to hold of every document. */
export async function collectPatiently<T>(query: PreparedQuery, deadline: Deadline, keep: (found: Found) => T): Promise<T[]> {
  const out: T[] = [];
  for (const found of runQuery(query, deadline)) {
    if (found) out.push(keep(found));
    await deadline.breathe();
  }
  return out;
}

function* sortMatches(query: PreparedQuery, sorter: Sorter, deadline: Deadline): Generator<Found | undefined> {
  const wanted = query.limit > 0 ? query.skip + query.limit : Number.POSITIVE_INFINITY;
  let held: { found: Found; key: unknown[] }[] = [];
  const order = () => sortPatiently(held, (a, b) => sorter.compareKeys(a.key, b.key));
  for (const found of walkMatches(query, deadline)) {
    if (!found) {
      yield undefined;
      continue;
    }
    deadline.charge(found.bytes.length);
    held.push({ found, key: sorter.keyOf(found.document) });
    if (held.length > wanted * 2 + CHUNK_ENTRIES) {
      held = yield* order();
      for (const { found: dropped } of held.slice(wanted)) deadline.refund(dropped.bytes.length);
      held = held.slice(0, wanted);
    }
  }
  for (const { found } of yield* order()) {
    deadline.refund(found.bytes.length);
    yield found;
  }
}

function* walkMatches(query: PreparedQuery, deadline: Deadline): Generator<Found | undefined> {
  const { view, collection, matches, counters } = query;
  const seen = query.plan.mayRepeat ? new Set<number>() : null;
  for (const [plan, range] of listRanges(query.plan)) {
    for (const entry of walkEntries(query, plan, range)) {
      counters.documentsExamined += 1;
      deadline.checkTime();
      if (deadline.isSliceOver()) yield undefined;
      const record = readRecord(entry.key);
      if (seen?.has(record)) continue;
      seen?.add(record);
      const bytes = plan.index ? view.get(buildDocumentKey(collection, record)) : entry.value;
      if (!bytes) continue;
      const document = deserializeTyped(bytes);
      if (matches(document)) yield { record, bytes, document };
    }
  }
}

function listRanges(plan: Plan): [Plan, KeyRange][] {
  if (plan.branches) return plan.branches.flatMap(listRanges);
  const ranges = plan.ranges.map((range): [Plan, KeyRange] => [plan, range]);
  return plan.reverse ? ranges.reverse() : ranges;
}

/** A range read in pieces that are copied out at once, each starting after the last key of the one before. */
function* walkEntries(query: PreparedQuery, { index, reverse }: Plan, { start, end }: KeyRange): Generator<Entry> {
  const { view, collection } = query;
  // While this index is there, what the query walks is there.
  const witness = query.isLive ? (index ?? collection.indexes[0]) : undefined;
  let from = start;
  let to = end;
  for (;;) {
    if (witness && !isBuilt(witness)) fail(175, "QueryPlanKilled", "query plan killed :: the collection or its index was dropped");
    const chunk: Entry[] = [];
    let bytes = 0;
    let isCut = false;
    for (const entry of view.range(from, to, reverse)) {
      chunk.push(entry);
      bytes += entry.value.length;
      if (chunk.length < CHUNK_ENTRIES && bytes < CHUNK_BYTES) continue;
      isCut = true;
      break;
    }
    yield* chunk;
    const last = chunk.at(-1);
    if (!isCut || !last) return;
    if (reverse) to = last.key;
    else from = afterKey(last.key);
  }
}

