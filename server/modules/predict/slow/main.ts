import "server-only";
/**
 * Runs slow models, in a process of its own that can be killed: a run blocks its process until it ends. One question at a time comes by
 * the channel to the service, one reply goes back. Ends with the service, also in the middle of a run.
 */
import { Worker } from "node:worker_threads";
import { openModel } from "@/server/modules/predict/runtime";
import { type Question, question, type Reply } from "@/server/modules/predict/slow/messages";

/** While a run blocks this process nothing but another thread can see that the service is gone. */
const WATCH = `
  const parent = process.ppid;
  setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, "SIGKILL"); }, 500);
`;

class UnknownModel extends Error {}

async function answer(asked: Question): Promise<Reply> {
  if (asked.kind === "open") {
    await openModel(asked.sha256, () => Promise.resolve(asked.file));
    return { kind: "opened" };
  }
  const model = await openModel(asked.sha256, () => Promise.reject(new UnknownModel()));
  const { outputs, seconds } = await model.run(asked.feeds, asked.fetches);
  const plain = [...outputs].map(([name, { dims, data }]) => [name, { dims: [...dims], data }] as const);
  return { kind: "answered", outputs: new Map(plain), seconds };
}

function tellFailure(error: unknown): Reply {
  if (error instanceof UnknownModel) return { kind: "unknown" };
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return { kind: "failed", message: cause instanceof Error ? cause.message : "unknown" };
}

new Worker(WATCH, { eval: true, execArgv: [] }).unref();
process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  void answer(question.parse(message))
    .catch(tellFailure)
    .then((reply) => process.send?.(reply));
});
