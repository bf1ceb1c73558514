import "server-only";
import { createConnection, type Connection } from "mongoose";
import { env } from "@/server/core/env";
import { log } from "@/server/core/log";
import { ensureEmbedded } from "@/server/embedded/ensure";

/** One connection a process, kept on `globalThis` because Next evaluates modules more than once. */
const holder: typeof globalThis & { vitrineConnection?: Promise<Connection> } = globalThis;

async function open(): Promise<Connection> {
  const { uri, dataFolder, embeddedInProduction } = env().database;
  const target = uri ?? (await ensureEmbedded(dataFolder, { allowInProduction: embeddedInProduction })).uri;
  const connection = createConnection(target, {
    autoCreate: false,
    autoIndex: false,
    bufferCommands: false,
    maxPoolSize: 10,
    maxIdleTimeMS: 60_000,
    serverSelectionTimeoutMS: 5_000,
  });
  if (!uri) {
    const restart = () => ensureEmbedded(dataFolder, { allowInProduction: embeddedInProduction });
    connection.on("disconnected", () => restart().catch((error: Error) => log("error", "database_lost", { cause: error.message })));
  }
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

/** Ends the connection, for commands and tests that come to an end. */
export async function closeDatabase(): Promise<void> {
  const current = holder.vitrineConnection;
  delete holder.vitrineConnection;
  if (current) await (await current).close();
}
