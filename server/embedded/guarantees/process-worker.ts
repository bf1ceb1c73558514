import mongoose from "mongoose";
import { ensureEmbedded } from "../ensure";
import { readLock } from "../lock-file";
import { PROCESS_TASKS, type TaskName } from "./process-tasks";
import type { Client } from "./running-server";

/** One of the processes of processes.test.ts: does what its parent asks, one request after the other. */
export type Request = { ensure: string } | { task: TaskName; count: number } | { close: true };
export type Answer = { uri: string; pid: number } | { numbers: number[] } | { problem: string } | { isReady: true };

let client: Client | null = null;

async function answer(request: Request): Promise<Answer> {
  if ("ensure" in request) {
    await client?.close();
    const { uri } = await ensureEmbedded(request.ensure);
    // Closing a client whose server was just killed may look for it once more, and that long.
    client = await mongoose.mongo.MongoClient.connect(uri, { serverSelectionTimeoutMS: 3000 });
    await client.db("admin").command({ ping: 1 });
    return { uri, pid: readLock(request.ensure)?.pid ?? 0 };
  }
  if ("close" in request) {
    await client?.close();
    return { isReady: true };
  }
  if (!client) throw new Error("ensure comes first");
  return { numbers: await PROCESS_TASKS[request.task](client, request.count) };
}

process.on("message", (request: Request) => {
  answer(request)
    .catch((error: unknown): Answer => ({ problem: String(error) }))
    .then((reply) => process.send?.(reply));
});
process.on("disconnect", () => process.exit());
process.send?.({ isReady: true } satisfies Answer);
