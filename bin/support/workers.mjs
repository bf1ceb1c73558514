import cluster from "node:cluster";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { metricsOf } from "./metrics.mjs";
import { PlainError, say } from "./say.mjs";

const MOST = 64;
/** A worker that dies is started again, but never twice in a second. */
const SOONEST_MS = 1_000;
/** A worker ends within ten seconds by itself (drain.mjs). */
const KILL_MS = 12_000;

/**
 * How many processes share the port.
 * @param {string | undefined} text a number, or `cores`
 * @throws {PlainError} for anything else
 */
export function readProcesses(text) {
  if (text === undefined) return 1;
  const count = text === "cores" ? availableParallelism() : /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST) return count;
  throw new PlainError(`--processes takes a number from 1 to ${MOST}, or "cores".`);
}

/**
 * Gives a connection that was on its way to a process when that died to another one. Node (24) goes on waiting for the dead one's word, and
 * with it whoever connected (lib/internal/cluster/round_robin_handle.js, `handoff`). To be taken out when Node does that itself.
 */
function redeliver(worker) {
  const { process: child } = worker;
  const send = child.send.bind(child);
  let latest;
  child.send = (message, ...more) => {
    if (message.act === "newconn") latest = message.seq;
    return send(message, ...more);
  };
  worker.once("exit", () => child.emit("internalMessage", { cmd: "NODE_CLUSTER", ack: latest, accepted: false }));
}

async function end(worker) {
  if (worker.isDead()) return;
  const ended = once(worker, "exit");
  worker.process.kill("SIGTERM");
  const force = setTimeout(() => worker.process.kill("SIGKILL"), KILL_MS);
  await ended;
  clearTimeout(force);
}

/**
 * Runs this command in several processes that share its port, each started again when it dies.
 * @returns {Promise<{ close: () => Promise<void> }>} once all of them answer
 * @throws {PlainError} when one of them ends before it has answered
 */
export async function startWorkers(count) {
  let wanted = true;
  const keep = (index) => {
    const startedAt = performance.now();
    const worker = cluster.fork(metricsOf(index));
    redeliver(worker);
    worker.once("exit", async (code, signal) => {
      if (!wanted) return;
      const wait = Math.max(0, SOONEST_MS - (performance.now() - startedAt));
      say(`Process ${worker.process.pid} ended (${signal ?? code}); it is started again in ${(wait / 1_000).toFixed(1)} s`);
      await sleep(wait);
      if (wanted) keep(index);
    });
    return worker;
  };
  const close = async () => {
    wanted = false;
    await Promise.all(Object.values(cluster.workers ?? {}).map((worker) => worker && end(worker)));
  };
  const workers = Array.from({ length: count }, (_none, index) => keep(index));
  const listening = workers.map((worker) => Promise.race([once(worker, "listening").then(() => true), once(worker, "exit").then(() => false)]));
  if ((await Promise.all(listening)).includes(false)) {
    await close();
    throw new PlainError("The processes could not be started.");
  }
  return { close };
}
