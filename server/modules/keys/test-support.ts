import "server-only";
import type { Connection } from "mongoose";
import { vi } from "vitest";
import { database } from "@/server/core/db";

/** Where the connection of this process is kept. */
export const holder: typeof globalThis & { vitrineConnection?: Promise<Connection> } = globalThis;

/**
 * Loads modules once more, with a connection and caches of their own: they share the database with the first ones as another
 * process would, and nothing else. Whoever asks closes the connection.
 */
export async function asAnotherProcess<Loaded>(load: () => Promise<Loaded>): Promise<{ loaded: Loaded; connection: Connection }> {
  await database();
  const first = holder.vitrineConnection;
  delete holder.vitrineConnection;
  const connection = await database();
  if (first) holder.vitrineConnection = first;
  vi.resetModules();
  vi.doMock("@/server/core/db", async (original) => ({ ...(await original<object>()), database: async () => connection }));
  const loaded = await load();
  vi.doUnmock("@/server/core/db");
  return { loaded, connection };
}

/** What a call was refused with; also where its module was loaded twice, so that classes differ. */
export async function refusalOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const thrown = await work.catch((error: unknown) => error);
  if (thrown && typeof thrown === "object" && "code" in thrown && "message" in thrown) {
    return { code: String(thrown.code), message: String(thrown.message) };
  }
  throw new Error("Nothing was refused.");
}

/** The code alone. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return (await refusalOf(work)).code;
}
