import { encodeKey } from "./key-encoding";
import { valuesEqual, type Collation } from "./values";

/** Values up to which trying one by one beats a table. */
const LIST_LIMIT = 8;

/** Whether a value is equal, as queries see it, to one of the list; it takes about as long for a long list as for a short one. */
export function compileMembership(values: readonly unknown[], collation?: Collation): (value: unknown) => boolean {
  if (values.length <= LIST_LIMIT) return (value) => values.some((other) => valuesEqual(value, other, collation));
  const keys = new Set(values.map((value) => toEqualityKey(value, collation)));
  return (value) => keys.has(toEqualityKey(value, collation));
}

/** The values that are equal to none of `present`, and to none before them. */
export function listNew(values: readonly unknown[], present: readonly unknown[], collation?: Collation): unknown[] {
  const added: unknown[] = [];
  if (values.length <= LIST_LIMIT) {
    const has = (list: readonly unknown[], value: unknown) => list.some((other) => valuesEqual(value, other, collation));
    for (const value of values) if (!has(present, value) && !has(added, value)) added.push(value);
    return added;
  }
  const keys = new Set(present.map((value) => toEqualityKey(value, collation)));
  for (const value of values) {
    const size = keys.size;
    if (keys.add(toEqualityKey(value, collation)).size > size) added.push(value);
  }
  return added;
}

function toEqualityKey(value: unknown, collation?: Collation): string {
  return encodeKey(value, false, collation).toString("latin1");
}
