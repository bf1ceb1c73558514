import type { Bound, FieldConditions } from "./conditions";
import type { Index, IndexPart } from "./indexes";
import { encodeKey, typeRange } from "./key-encoding";
import { endOfPrefix } from "./keys";
import { typeRank, type Collation } from "./values";

/** Keys with start <= key < end. */
export interface KeyRange {
  start: Buffer;
  end: Buffer;
}

/** A long component ends in a digest from here on; only the head before it says anything about order. */
const ORDERED_HEAD_BYTES = 668;

/** The stretches of an index that hold every document with these equalities and bounds, in key order. */
export function buildRanges(
  index: Index,
  prefixLength: number,
  conditions: Map<string, FieldConditions>,
  bounds: Bound[] | undefined,
): KeyRange[] {
  let prefixes: Buffer[] = [index.prefix];
  for (const part of index.parts.slice(0, prefixLength)) {
    const keys = encodeEqualities(part, conditions.get(part.field)?.equals ?? [], index.collation);
    prefixes = prefixes.flatMap((prefix) => keys.map((key) => Buffer.concat([prefix, key])));
  }
  const part = index.parts[prefixLength];
  if (!part || !bounds) return prefixes.map((prefix) => ({ start: prefix, end: endOfPrefix(prefix) }));
  // With several values in one document, one may meet the lower bound and another the upper one.
  const usable = index.multikey ? bounds.slice(0, 1) : bounds;
  const { low, high } = encodeBounds(usable, part, index.collation);
  return prefixes
    .map((prefix) => ({ start: Buffer.concat([prefix, low]), end: Buffer.concat([prefix, high]) }))
    .filter((range) => Buffer.compare(range.start, range.end) < 0);
}

function encodeEqualities(part: IndexPart, values: unknown[], collation?: Collation): Buffer[] {
  const distinct = new Map<string, Buffer>();
  for (const value of values) {
    const key = encodeKey(value, part.descending, collation);
    distinct.set(key.toString("latin1"), key);
  }
  return [...distinct.values()].sort(Buffer.compare);
}

function encodeBounds(bounds: Bound[], part: IndexPart, collation?: Collation): { low: Buffer; high: Buffer } {
  const [first] = bounds;
  let [low, high] = typeRange(first?.value);
  for (const { operator, value } of bounds) {
    // Bounds of two types match nothing together; one of them is enough to find that out.
    if (typeRank(value) !== typeRank(first?.value)) continue;
    const key = encodeKey(value, false, collation);
    // A bound that is just short enough to be whole is still compared with values that are not.
    const head = key.subarray(0, ORDERED_HEAD_BYTES);
    if (operator === "$gt" || operator === "$gte") {
      if (Buffer.compare(head, low) > 0) low = head;
    } else {
      const end = endOfPrefix(head);
      if (Buffer.compare(end, high) < 0) high = end;
    }
  }
  return part.descending ? { low: invert(high), high: endOfPrefix(invert(low)) } : { low, high };
}

function invert(key: Buffer): Buffer {
  return Buffer.from(key.map((byte) => byte ^ 255));
}
