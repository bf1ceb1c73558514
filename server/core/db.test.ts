import { beforeAll, describe, expect, it } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { closeDatabase, database, pingDatabase } from "@/server/core/db";
import { env } from "@/server/core/env";
import { toDomainError } from "@/server/core/errors";
import { readLock } from "@/server/embedded/lock-file";

beforeAll(async () => useOwnDatabase("db", process.env.MONGODB_URI));

/** Large enough that a socket is full before such a document has left. */
const PAYLOAD = "x".repeat(6 * 1024 * 1024);

function signalServer(signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
  const lock = readLock(env().database.dataFolder);
  if (!lock) throw new Error("There is no server to signal.");
  process.kill(lock.pid, signal);
}

/** Until what is on its way has filled the sockets that nobody reads. */
async function letWritesBegin(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function collection() {
  const { db } = await database();
  if (!db) throw new Error("The connection has no database.");
  return db.collection("large");
}

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => toDomainError(error).code,
  );

// A server given by MONGODB_URI is not ours to kill.
describe.skipIf(Boolean(process.env.MONGODB_URI))("a database", () => {
  it("that is killed while large writes are on their way leaves none of them waiting, and its successor answers", async () => {
    const large = await collection();
    await large.insertOne({ n: 0 });
    signalServer("SIGSTOP");
    const writes = Array.from({ length: 12 }, (_, n) => outcomeOf(large.insertOne({ n, payload: PAYLOAD })));
    await letWritesBegin();
    signalServer("SIGKILL");
    const ends = await Promise.all(writes);
    expect(ends.filter((end) => end !== "done" && end !== "database_unavailable")).toEqual([]);
    await expect.poll(() => outcomeOf(pingDatabase()), { timeout: 10_000 }).toBe("done");
    expect(await large.countDocuments({ payload: { $exists: true } })).toBeGreaterThanOrEqual(ends.filter((end) => end === "done").length);
  });

  it("whose connections are closed while a large write waits for its socket leaves it not waiting", async () => {
    const connection = await database();
    const large = await collection();
    await large.insertOne({ n: 0 });
    signalServer("SIGSTOP");
    try {
      const write = outcomeOf(large.insertOne({ n: 1, payload: PAYLOAD }));
      await letWritesBegin();
      await connection.close(true);
      await closeDatabase();
      expect(await write).not.toBe("done");
    } finally {
      signalServer("SIGCONT");
    }
    await expect.poll(() => outcomeOf(pingDatabase()), { timeout: 10_000 }).toBe("done");
  });
});
