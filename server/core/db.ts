import "server-only";
import { createConnection, type Connection } from "mongoose";
import { traceCommands } from "@/server/core/command-spans";
import { mendDriver } from "@/server/core/driver-mend";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import { log } from "@/server/core/log";
import { ensureEmbedded } from "@/server/embedded/ensure";

/** One connection a process, kept on `globalThis` because Next evaluates modules more than once. */
const holder: typeof globalThis & {
  vitrineConnection?: Promise<Connection>;
  /** The connection whose server the driver has lost, and when. */
  vitrineAway?: { connection: Connection; since: number };
  /** The last attempt to connect that failed, and when. */
  vitrineNotOpened?: { error: unknown; at: number };
  /** What has to be written before the connection ends; whoever hosts the routes does the same (bin/support/host.mjs). */
  vitrineLastWrites?: Map<string, () => Promise<void>>;
} = globalThis;

/**
 * How the driver looks after the server, on a connection of its own: so often it asks, and so long it waits for the answer. Then it gives
 * up every connection at once, tells whoever waits on one, and repeats what may be repeated for as long as it looks for a server. Together
 * these three are less than the five seconds within which every call is answered.
 */
const HEARTBEAT_MS = 1_000;
const HEARTBEAT_PATIENCE_MS = 2_000;
const SELECTION_MS = 1_500;
/** A server that answers the driver, but nothing else on a connection for so long: that connection is given up. */
const SILENCE_MS = 10_000;
const QUEUE_MS = 2_500;
const OPEN_ATTEMPTS = 2;
const RESTART_ATTEMPTS = 5;
/** A server that was lost for less may be back in a moment, or another one takes over: calls wait for it. Later ones are told at once. */
const GRACE_MS = 1_000;

function startEmbedded(): Promise<{ uri: string }> {
  const { dataFolder, embeddedInProduction } = env().database;
  return ensureEmbedded(dataFolder, { allowInProduction: embeddedInProduction });
}

/** Starts the embedded server again after it was lost; the driver finds it at the same address by itself. */
async function restartEmbedded(): Promise<void> {
  for (let attempt = 1; attempt <= RESTART_ATTEMPTS && holder.vitrineConnection; attempt++) {
    try {
      await startEmbedded();
      return;
    } catch (error) {
      log("error", "database_lost", { attempt, cause: error instanceof Error ? error.message : "unknown" });
    }
  }
}

async function connect(target: string): Promise<Connection> {
  const { name } = env().database;
  const connection = createConnection(target, {
    autoCreate: false,
    autoIndex: false,
    bufferCommands: false,
    maxPoolSize: 10,
    maxIdleTimeMS: 60_000,
    heartbeatFrequencyMS: HEARTBEAT_MS,
    connectTimeoutMS: HEARTBEAT_PATIENCE_MS,
    serverSelectionTimeoutMS: SELECTION_MS,
    socketTimeoutMS: SILENCE_MS,
    waitQueueTimeoutMS: QUEUE_MS,
    monitorCommands: env().tracing,
    ...(name !== null && { dbName: name }),
  });
  if (env().tracing) traceCommands(connection.getClient());
  return connection.asPromise();
}

/** Keeps in mind since when the driver knows of no server that takes writes. */
function watch(connection: Connection): void {
  connection.getClient().on("topologyDescriptionChanged", ({ newDescription }) => {
    const isThere = [...newDescription.servers.values()].some((server) => server.isWritable);
    if (!isThere) holder.vitrineAway ??= { connection, since: performance.now() };
    else if (holder.vitrineAway?.connection === connection) delete holder.vitrineAway;
  });
}

async function open(): Promise<Connection> {
  const { uri } = env().database;
  mendDriver();
  const target = uri ?? (await startEmbedded()).uri;
  for (let attempt = 1; ; attempt++) {
    try {
      const connection = await connect(target);
      watch(connection);
      if (!uri) connection.on("disconnected", () => void restartEmbedded());
      return connection;
    } catch (error) {
      if (attempt >= OPEN_ATTEMPTS) throw error;
    }
  }
}

function notThere(cause: unknown): DomainError {
  return new DomainError("database_unavailable", "The database does not answer.", { cause });
}

/**
 * Whether the database is known to be away: the driver lost it longer ago than a passing fault takes, or could not connect within the last
 * second. The driver goes on asking once a second, whoever calls, and this ends with its first answer.
 */
export function isDatabaseAway(): boolean {
  const { vitrineAway: away, vitrineNotOpened: failed } = holder;
  const now = performance.now();
  return (away !== undefined && now - away.since > GRACE_MS) || (failed !== undefined && now - failed.at < HEARTBEAT_MS);
}

/**
 * The database of this process. The driver reconnects by itself; the embedded server is started again for it when it was lost. A failed
 * attempt to connect is repeated by the first call a second later; until then, calls end with its error.
 * @throws {Error} the driver's error when no server answers in time
 * @throws {DomainError} `database_unavailable`, at once, while the database is known to be away
 */
export async function database(): Promise<Connection> {
  if (isDatabaseAway()) throw notThere(holder.vitrineNotOpened?.error);
  const current = (holder.vitrineConnection ??= open());
  try {
    const connection = await current;
    delete holder.vitrineNotOpened;
    return connection;
  } catch (error) {
    if (holder.vitrineConnection === current) {
      delete holder.vitrineConnection;
      holder.vitrineNotOpened = { error, at: performance.now() };
    }
    throw error;
  }
}

/** Resolves when the database has answered. @throws {Error} when it does not */
export async function pingDatabase(): Promise<void> {
  const connection = await database();
  if (!connection.db) throw new Error("The connection has no database.");
  await connection.db.command({ ping: 1 });
}

interface Indexed {
  createIndexes: () => Promise<unknown>;
}

/**
 * A repository's way to its collections: bound to this process's connection, and with their indexes, which are made before the first of
 * them is used. A failed attempt is forgotten, so that the next call tries again.
 * @param bind as a room's collection.ts has it
 */
export function openIndexed<Bound extends Record<keyof Bound, Indexed>>(bind: (connection: Connection) => Bound): () => Promise<Bound> {
  const prepared = new WeakMap<Connection, Promise<unknown>>();
  return async () => {
    const connection = await database();
    const bound = bind(connection);
    const collections: Indexed[] = Object.values(bound);
    const work = prepared.get(connection) ?? Promise.all(collections.map((collection) => collection.createIndexes()));
    prepared.set(connection, work);
    try {
      await work;
    } catch (error) {
      if (prepared.get(connection) === work) prepared.delete(connection);
      throw error;
    }
    return bound;
  };
}

/** Has work done before the connection ends. @param name the same name stands for the same work @param work must not throw */
export function beforeDatabaseCloses(name: string, work: () => Promise<void>): void {
  (holder.vitrineLastWrites ??= new Map()).set(name, work);
}

/** Ends the connection, for commands and tests that come to an end. */
export async function closeDatabase(): Promise<void> {
  if (holder.vitrineConnection) for (const work of holder.vitrineLastWrites?.values() ?? []) await work();
  const current = holder.vitrineConnection;
  delete holder.vitrineConnection;
  delete holder.vitrineNotOpened;
  if (current) await (await current).close();
  delete holder.vitrineAway;
}

/** The server's code for a value that a unique index has already. */
export const DUPLICATE_KEY = 11_000;

/** Whether a write failed because a unique index has that value already. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === DUPLICATE_KEY;
}

/** The driver says these when it had no connection to send anything over. */
const UNSENT = /^Mongo(ose)?(ServerSelection|WaitQueueTimeout|PoolClear|PoolClosed|NotConnected|TopologyClosed)/;

/**
 * Whether a write surely did not arrive. Where a connection broke while it was on its way (the driver has tried it once more by then, so
 * that it was applied once at the most) nobody knows, and what is counted must not be counted twice.
 */
export function isUnsent(error: unknown): boolean {
  if (error instanceof DomainError) return error.code === "database_unavailable";
  return error instanceof Error && UNSENT.test(error.name);
}
