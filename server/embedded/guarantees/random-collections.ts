import { Binary, Long } from "bson";
import type { Document } from "../bson";
import { toNumber } from "../values";
import type { InProcessServer } from "./in-process";
import { makeCollation, makeDocument, makeFilter, makeFilterForIndex, makeIndex, makeScalar, makeSort, makeText } from "./random-queries";
import type { Random } from "./random-values";

export const DOCUMENTS = 40;

/** A collection and what is known of it. */
export interface Sample {
  name: string;
  documents: Document[];
  /** The collation of the collection itself. */
  collation?: Document;
  indexes: Document[];
  /** Fields that put a command into the sample's open transaction. */
  transaction: Document;
}

/** Fills a collection; some indexes are made before its documents, some after. What an index refuses is left out. */
export async function makeSample(server: InProcessServer, random: Random, name: string, mayBeUnique: boolean): Promise<Sample> {
  const collation = random.oneIn(6) ? makeCollation(random) : undefined;
  await server.expectOk({ create: name, collation });
  const hasArrays = random.oneIn(2);
  const indexes: Document[] = [];
  const addIndexes = async (count: number) => {
    for (let made = 0; made < count; made += 1) {
      const index = makeIndex(random, indexes.length, mayBeUnique);
      const reply = await server.send({ createIndexes: name, indexes: [index] });
      if (toNumber(reply.numIndexesAfter) > toNumber(reply.numIndexesBefore)) indexes.push(index);
    }
  };
  await addIndexes(random.below(4));
  const documents = Array.from({ length: DOCUMENTS }, (_, id) => makeDocument(random, id, hasArrays));
  await server.send({ insert: name, ordered: false, documents });
  await addIndexes(random.below(5));
  for (let round = 0; round < 10; round += 1) await changeOne(server, random, name, hasArrays);
  const sample = { name, collation, indexes, transaction: {} };
  return { ...sample, documents: await readWhole(server, sample) };
}

/** The documents in the order of insertion, without the help of any index. */
export function readWhole(server: InProcessServer, { name, transaction }: Pick<Sample, "name" | "transaction">): Promise<Document[]> {
  return server.readAll({ find: name, hint: { $natural: 1 }, batchSize: 1000, ...transaction });
}

async function changeOne(server: InProcessServer, random: Random, name: string, hasArrays: boolean): Promise<void> {
  const id = random.below(DOCUMENTS);
  if (random.oneIn(4)) await server.expectOk({ delete: name, deletes: [{ q: { _id: id }, limit: 1 }] });
  else await server.send({ update: name, updates: [{ q: { _id: id }, u: makeDocument(random, id, hasArrays) }] });
}

/** A filter that often speaks of indexed paths. */
export function makeFilterFor(random: Random, { indexes }: Sample): Document {
  const filter = makeFilter(random);
  if (indexes.length === 0 || random.oneIn(4)) return filter;
  const indexed = makeFilterForIndex(random, random.pick(indexes));
  return random.pick([() => indexed, () => ({ ...filter, ...indexed }), () => ({ $and: [indexed, filter] })])();
}

function makeShortScalar(random: Random): unknown {
  for (;;) {
    const value = makeScalar(random);
    if (typeof value !== "string" || value.length < 100) return value;
  }
}

/** An update that no index refuses: it makes no arrays and no long values. Some move documents within an index. */
function makeUpdate(random: Random): Document | Document[] {
  return random.pick<() => Document | Document[]>([
    () => ({ $set: { a: makeShortScalar(random) } }),
    () => ({ $inc: { b: random.pick([1, -1, 3]) } }),
    () => ({ $set: { c: { x: makeShortScalar(random), y: random.below(4) } } }),
    () => ({ $unset: { d: "" } }),
    () => ({ $set: { d: makeText(random), e: makeText(random) } }),
    () => [{ $set: { d: "x", missing: "$b" } }],
  ])();
}

/**
 * A command that changes documents chosen by a random filter, the same ones whatever plan finds them. It needs a
 * sample without unique indexes.
 */
export function makeWrite(random: Random, sample: Sample): Document {
  const { name } = sample;
  const filter = makeFilterFor(random, sample);
  const collation = random.oneIn(3) ? makeCollation(random) : undefined;
  // One field besides _id: a sort by two arrays is refused.
  const sort = { ...Object.fromEntries(Object.entries(makeSort(random, sample.indexes).sort ?? {}).slice(0, 1)), _id: 1 };
  const few = { $and: [filter, { _id: { $mod: [7, random.below(7)] } }] };
  return random.pick<() => Document>([
    () => ({ update: name, updates: [{ q: filter, u: makeUpdate(random), multi: true, collation }] }),
    () => ({ update: name, updates: [{ q: filter, u: makeUpdate(random), multi: true, collation }] }),
    () => ({ delete: name, deletes: [{ q: few, limit: 0, collation }] }),
    () => ({ findAndModify: name, query: filter, sort, update: makeUpdate(random), new: random.oneIn(2), collation }),
    () => ({ findAndModify: name, query: filter, sort, remove: true, collation }),
    () => ({ insert: name, documents: [{ _id: 1000 + random.below(1_000_000), a: makeShortScalar(random), d: makeText(random) }] }),
  ])();
}

/** Opens a transaction that has written to the sample; its documents are then what the transaction sees. */
export async function beginTransaction(server: InProcessServer, random: Random, sample: Sample, number: number): Promise<Sample> {
  const lsid = { id: new Binary(Buffer.alloc(16, 7), Binary.SUBTYPE_UUID) };
  const transaction: Document = { lsid, txnNumber: Long.fromNumber(number), autocommit: false };
  await server.expectOk({ find: sample.name, ...transaction, startTransaction: true });
  for (let round = 0; round < 8; round += 1) await server.expectOk({ ...makeWrite(random, sample), ...transaction });
  return { ...sample, transaction, documents: await readWhole(server, { name: sample.name, transaction }) };
}

type Ending = "commitTransaction" | "abortTransaction";

export async function endTransaction(server: InProcessServer, sample: Sample, ending: Ending): Promise<void> {
  await server.expectOk({ [ending]: 1, ...sample.transaction });
}
