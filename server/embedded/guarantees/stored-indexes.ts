import { deserializeTyped } from "../bson";
import type { Collection } from "../catalog";
import { Engine } from "../engine";
import { buildEntries } from "../indexes";
import { encodeRecord, endOfPrefix, readRecord } from "../keys";

/** Differences between what indexes hold and what the documents call for, entry by entry; none in a sound store. */
export function findIndexFaults(engine: Engine): string[] {
  return engine.catalog.all().flatMap((collection) => findFaultsOf(engine, collection));
}

function findFaultsOf(engine: Engine, collection: Collection): string[] {
  const expected = new Map<string, Set<string>>(collection.indexes.map(({ name }) => [name, new Set()]));
  for (const { key, value } of engine.store.range(collection.documentPrefix, collection.documentEnd)) {
    const suffix = encodeRecord(readRecord(key));
    const document = deserializeTyped(value);
    for (const index of collection.indexes) {
      for (const entry of buildEntries(index, document)) {
        expected.get(index.name)?.add(Buffer.concat([entry, suffix]).toString("hex"));
      }
    }
  }
  return collection.indexes.flatMap((index) => {
    const stored = new Set<string>();
    for (const { key } of engine.store.range(index.prefix, endOfPrefix(index.prefix))) stored.add(key.toString("hex"));
    const wanted = expected.get(index.name) ?? new Set();
    const where = `${collection.namespace} ${index.name}`;
    return [
      ...[...wanted].filter((key) => !stored.has(key)).map((key) => `${where} lacks ${key}`),
      ...[...stored].filter((key) => !wanted.has(key)).map((key) => `${where} has ${key} too much`),
    ];
  });
}

/** The same for the folder of a server that is not running. */
export async function findIndexFaultsIn(folder: string): Promise<string[]> {
  const engine = new Engine(folder);
  try {
    return findIndexFaults(engine);
  } finally {
    await engine.close();
  }
}
