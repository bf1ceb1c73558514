import mongoose from "mongoose";
import { ensureEmbedded } from "../ensure";
import { readLock } from "../lock-file";
import { PROCESS_TASKS, type TaskName } from "./process-tasks";
import type { Client } from "./running-server";

/** One of the processes of processes.test.ts: does what its parent asks, one request after the other. */
export type Request = { ensure: string } | { task: TaskName; count: number } | { close: true };
export type Answer = { uri: string; pid: number } | { numbers: number[] } | { problem: string } | { isReady: true };

/**
 * All connections until the end: the driver waits for ever when it closes one at the instant in which its server was killed (it waits for
 * a closed socket to drain).
 */
const clients: Client[] = [];

async function answer(request: Request): Promise<Answer> {
  if ("ensure" in request) {
    const { uri } = await ensureEmbedded(request.ensure);
    const client = await mongoose.mongo.MongoClient.connect(uri, { serverSelectionTimeoutMS: 3000 });
    clients.push(client);
    await client.db("admin").command({ ping: 1 });
    return { uri, pid: readLock(request.ensure)?.pid ?? 0 };
  }
  if ("close" in request) {
    await Promise.all(clients.map((client) => client.close()));
    return { isReady: true };
  }
  const client = clients.at(-1);
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
