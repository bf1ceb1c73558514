import "server-only";
import { createConnection, type Connection } from "mongoose";
import { traceCommands } from "@/server/core/command-spans";
import { mendDriver } from "@/server/core/driver-mend";
import { env } from "@/server/core/env";
import { log } from "@/server/core/log";
import { ensureEmbedded } from "@/server/embedded/ensure";

/** One connection a process, kept on `globalThis` because Next evaluates modules more than once. */
const holder: typeof globalThis & {
  vitrineConnection?: Promise<Connection>;
  /** What has to be written before the connection ends; whoever hosts the routes does the same (bin/support/host.mjs). */
  vitrineLastWrites?: Map<string, () => Promise<void>>;
} = globalThis;

/** The embedded server is on this machine: looking after it often costs nothing, and finds it again soon after it was lost. */
const LOCAL_HEARTBEAT_MS = 1_000;
const RESTART_ATTEMPTS = 5;
/** A server that says nothing for so long hangs: the connection is given up, and whoever waits for one is told. */
const SILENCE_MS = 10_000;
const QUEUE_MS = 2_500;

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

async function open(): Promise<Connection> {
  const { uri } = env().database;
  mendDriver();
  const target = uri ?? (await startEmbedded()).uri;
  const connection = createConnection(target, {
    autoCreate: false,
    autoIndex: false,
    bufferCommands: false,
    maxPoolSize: 10,
    maxIdleTimeMS: 60_000,
    serverSelectionTimeoutMS: 5_000,
    socketTimeoutMS: SILENCE_MS,
    waitQueueTimeoutMS: QUEUE_MS,
    monitorCommands: env().tracing,
    ...(!uri && { heartbeatFrequencyMS: LOCAL_HEARTBEAT_MS }),
  });
  if (env().tracing) traceCommands(connection.getClient());
  if (!uri) connection.on("disconnected", () => void restartEmbedded());
  await connection.asPromise();
  return connection;
}

/**
 * The database of this process. A failed attempt is forgotten, so that the next call tries again. The driver reconnects by
 * itself; the embedded server is started again for it when it was lost.
 * @throws {Error} the driver's error when no server answers within five seconds
 */
export async function database(): Promise<Connection> {
  const current = (holder.vitrineConnection ??= open());
  try {
    return await current;
  } catch (error) {
    if (holder.vitrineConnection === current) delete holder.vitrineConnection;
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
  if (current) await (await current).close();
}

/** The server's code for a value that a unique index has already. */
export const DUPLICATE_KEY = 11_000;

/** Whether a write failed because a unique index has that value already. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === DUPLICATE_KEY;
}
