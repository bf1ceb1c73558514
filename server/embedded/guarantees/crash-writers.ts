import type { Ledger } from "./crash-ledger";
import type { Client } from "./running-server";

export interface Row {
  _id: string;
  /** Unique, like `_id`. */
  serial: string;
  group: number;
  tags: string[];
}

export interface Account {
  _id: number;
  balance: number;
}

export interface Entry {
  _id: string;
  transfer: string;
  side: "left" | "right";
  account: number;
  amount: number;
}

export const ACCOUNTS = 4;
export const OPENING_BALANCE = 1000;
const BATCH = 20;

/** The collections that are written to. The accounts of a transfer are in two of them. */
export function openCollections(client: Client) {
  const db = client.db("crash");
  return {
    rows: db.collection<Row>("rows"),
    batches: db.collection<Row>("batches"),
    counters: db.collection<{ _id: string; n: number }>("counters"),
    left: db.collection<Account>("left"),
    right: db.collection<Account>("right"),
    journal: db.collection<Entry>("journal"),
  };
}

export type Collections = ReturnType<typeof openCollections>;

/** Indexes of every kind, and what the writers expect to find. */
export async function prepareCollections({ rows, batches, counters, left, right, journal }: Collections): Promise<void> {
  for (const collection of [rows, batches]) {
    await collection.createIndexes([{ key: { serial: 1 }, unique: true }, { key: { group: -1, serial: 1 } }, { key: { tags: 1 } }]);
  }
  await journal.createIndexes([{ key: { transfer: 1, side: 1 }, unique: true }, { key: { account: 1, amount: -1 } }]);
  await counters.insertMany([{ _id: "increments", n: 0 }, { _id: "tickets", n: 0 }]);
  const accounts = Array.from({ length: ACCOUNTS }, (_, id) => ({ _id: id, balance: OPENING_BALANCE }));
  await left.insertMany(accounts);
  await right.insertMany(accounts);
}

function makeRow(id: string, position: number): Row {
  return { _id: id, serial: `serial ${id}`, group: position % 7, tags: [`tag ${position % 5}`, `tag ${position % 3}`] };
}

/** Goes through one write after the other until `isOver`. A duplicate can only come from a write that was applied twice. */
async function repeat(ledger: Ledger, isOver: () => boolean, name: string, write: (id: string) => Promise<void>): Promise<void> {
  for (let position = 0; !isOver(); position += 1) {
    try {
      await write(`${name}-${position}`);
      ledger.acknowledged += 1;
    } catch (error) {
      ledger.errors.push(`${name}-${position}: ${String(error)}`);
      const isDuplicate = error instanceof Error && "code" in error && error.code === 11000;
      if (isDuplicate) ledger.problems.push(`${name}-${position}: ${error.message}`);
    }
  }
}

async function insertRow({ rows }: Collections, ledger: Ledger, id: string): Promise<void> {
  ledger.rows.set(id, "either");
  await rows.insertOne(makeRow(id, ledger.rows.size));
  ledger.rows.set(id, "stored");
}

async function insertAndDelete(collections: Collections, ledger: Ledger, id: string): Promise<void> {
  await insertRow(collections, ledger, id);
  ledger.rows.set(id, "either");
  const { deletedCount } = await collections.rows.deleteOne({ serial: `serial ${id}` });
  if (deletedCount !== 1) ledger.problems.push(`deleting ${id} deleted ${deletedCount}`);
  ledger.rows.set(id, "deleted");
}

async function insertBatch({ batches }: Collections, ledger: Ledger, id: string): Promise<void> {
  const ids = Array.from({ length: BATCH }, (_, position) => `${id}-${position}`);
  ledger.batches.set(id, { ids, known: "either" });
  await batches.insertMany(ids.map(makeRow));
  ledger.batches.set(id, { ids, known: "stored" });
}

async function increment({ counters }: Collections, { increments }: Ledger): Promise<void> {
  increments.either += 1;
  await counters.updateOne({ _id: "increments" }, { $inc: { n: 1 } });
  increments.either -= 1;
  increments.done += 1;
}

async function takeTicket({ counters }: Collections, { tickets, problems }: Ledger): Promise<void> {
  tickets.either += 1;
  const after = await counters.findOneAndUpdate({ _id: "tickets" }, { $inc: { n: 1 } }, { returnDocument: "after" });
  const ticket = after?.n ?? 0;
  if (ticket <= tickets.last || ticket > tickets.last + tickets.either) problems.push(`ticket ${ticket} after ${tickets.last}`);
  Object.assign(tickets, { last: ticket, either: 0 });
}

async function transfer(client: Client, { left, right, journal }: Collections, ledger: Ledger, id: string): Promise<void> {
  const position = ledger.transfers.size;
  ledger.transfers.set(id, "either");
  const [from, to, amount] = [position % ACCOUNTS, (position * 3) % ACCOUNTS, 1 + (position % 9)];
  await client.withSession((session) =>
    session.withTransaction(async () => {
      await left.updateOne({ _id: from }, { $inc: { balance: -amount } }, { session });
      await journal.insertOne({ _id: `${id} left`, transfer: id, side: "left", account: from, amount: -amount }, { session });
      await right.updateOne({ _id: to }, { $inc: { balance: amount } }, { session });
      await journal.insertOne({ _id: `${id} right`, transfer: id, side: "right", account: to, amount }, { session });
    }),
  );
  ledger.transfers.set(id, "stored");
}

/** How many clients runWriters needs. */
export const WRITERS = 8;

/**
 * Eight writers at once, each waiting for its replies, until `isOver`; what they are told goes into the ledger. Each has
 * a client of its own: of several commands that a lost connection interrupts, the driver repeats only the first.
 */
export async function runWriters(clients: Client[], ledger: Ledger, round: number, isOver: () => boolean): Promise<void> {
  type Write = (collections: Collections, id: string, client: Client) => Promise<void>;
  const move: Write = (collections, id, client) => transfer(client, collections, ledger, id);
  const writes: [name: string, write: Write][] = [
    ["row", (collections, id) => insertRow(collections, ledger, id)],
    ["delete", (collections, id) => insertAndDelete(collections, ledger, id)],
    ["batch", (collections, id) => insertBatch(collections, ledger, id)],
    ["increment", (collections) => increment(collections, ledger)],
    ["ticket", (collections) => takeTicket(collections, ledger)],
    ["first", move],
    ["second", move],
    ["third", move],
  ];
  await Promise.all(
    clients.map(async (client, i) => {
      const [name, write] = writes[i % writes.length] ?? ["first", move];
      const collections = openCollections(client);
      await repeat(ledger, isOver, `${name}-${round}`, (id) => write(collections, id, client));
    }),
  );
}
