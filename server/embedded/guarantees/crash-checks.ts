import type { mongo } from "mongoose";
import type { Known, Ledger } from "./crash-ledger";
import { OPENING_BALANCE, type Collections, type Entry } from "./crash-writers";

/** Everything stored that contradicts what the clients were told, one line each. */
export async function findContradictions(collections: Collections, ledger: Ledger): Promise<string[]> {
  const { rows, batches, left, right, journal } = collections;
  return [
    ...ledger.problems,
    ...compareRows(ledger.rows, await listIds(rows)),
    ...compareBatches(ledger, await listIds(batches)),
    ...(await compareCounters(collections, ledger)),
    ...(await compareTransfers(collections, ledger)),
    ...(await compareIndexes(rows)),
    ...(await compareIndexes(batches)),
    ...(await compareIndexes(journal)),
    ...(await compareIndexes(left)),
    ...(await compareIndexes(right)),
  ];
}

type Stored = { _id: unknown };

async function listIds<T extends Stored>(collection: mongo.Collection<T>, hint: mongo.Hint = { $natural: 1 }): Promise<Set<string>> {
  const found = await collection.find({}, { hint, projection: { _id: 1 }, batchSize: 100_000 }).toArray();
  const ids = found.map(({ _id }) => String(_id));
  const distinct = new Set(ids);
  if (distinct.size !== ids.length) throw new Error(`${collection.collectionName} by ${JSON.stringify(hint)} has documents twice`);
  return distinct;
}

function compareRows(told: Map<string, Known>, stored: Set<string>): string[] {
  const wrong = [...told].filter(([id, known]) => known !== "either" && stored.has(id) !== (known === "stored"));
  const unknown = [...stored].filter((id) => !told.has(id));
  return [...wrong.map(([id, known]) => `row ${id} was ${known} and is not`), ...unknown.map((id) => `row ${id} comes from nowhere`)];
}

/** An ordered batch with an error is stored up to some document, never with a gap. */
function compareBatches({ batches }: Ledger, stored: Set<string>): string[] {
  return [...batches].flatMap(([batch, { ids, known }]) => {
    const count = ids.filter((id) => stored.has(id)).length;
    if (known === "stored" && count < ids.length) return [`batch ${batch} has ${count} documents of ${ids.length}`];
    return ids.slice(0, count).every((id) => stored.has(id)) ? [] : [`batch ${batch} has a gap`];
  });
}

async function compareCounters({ counters }: Collections, { increments, tickets }: Ledger): Promise<string[]> {
  const stored = new Map((await counters.find().toArray()).map(({ _id, n }) => [_id, n]));
  const expected = [
    { name: "increments", least: increments.done, either: increments.either },
    { name: "tickets", least: tickets.last, either: tickets.either },
  ];
  return expected.flatMap(({ name, least, either }) => {
    const n = stored.get(name) ?? -1;
    return n >= least && n <= least + either ? [] : [`${name} is ${n}; ${least} were acknowledged and ${either} are open`];
  });
}

/** Each transfer is whole or absent, and every balance is what the journal says. */
async function compareTransfers({ left, right, journal }: Collections, { transfers }: Ledger): Promise<string[]> {
  const entries = await journal.find({}, { batchSize: 100_000 }).toArray();
  const sides = new Map<string, number>();
  for (const { transfer } of entries) sides.set(transfer, (sides.get(transfer) ?? 0) + 1);
  const torn = [...sides].filter(([, count]) => count !== 2).map(([id]) => `transfer ${id} is torn`);
  const lost = [...transfers].filter(([id, known]) => known === "stored" && !sides.has(id)).map(([id]) => `transfer ${id} is lost`);
  const wrong: string[] = [];
  let sum = 0;
  for (const [side, accounts] of Object.entries({ left, right })) {
    for (const { _id, balance } of await accounts.find().toArray()) {
      sum += balance - OPENING_BALANCE;
      const expected = OPENING_BALANCE + sumUp(entries.filter((entry) => entry.side === side && entry.account === _id));
      if (balance !== expected) wrong.push(`account ${side} ${_id} has ${balance}, its journal says ${expected}`);
    }
  }
  return [...torn, ...lost, ...wrong, ...(sum === 0 ? [] : [`the accounts gained ${sum}`])];
}

function sumUp(entries: Entry[]): number {
  return entries.reduce((sum, { amount }) => sum + amount, 0);
}

/** Walking any index meets each document that a scan meets, once. */
async function compareIndexes<T extends Stored>(collection: mongo.Collection<T>): Promise<string[]> {
  const scanned = await listIds(collection);
  const problems: string[] = [];
  for (const { name } of await collection.listIndexes().toArray()) {
    const walked = await listIds(collection, String(name));
    const isSame = walked.size === scanned.size && [...scanned].every((id) => walked.has(id));
    if (!isSame) problems.push(`${collection.collectionName} has ${scanned.size} documents, its index ${String(name)} ${walked.size}`);
  }
  const counted = await collection.estimatedDocumentCount();
  if (counted !== scanned.size) problems.push(`${collection.collectionName} counts ${counted} documents and has ${scanned.size}`);
  return problems;
}
