/**
 * Programs that predict by tRPC's official client, or by REST and `fetch`, one thread a core: `node bench/clients.mjs JOB.json`. One
 * thread alone is busy before the server is, and then its own speed is measured. Prints what load.mjs prints.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Window } from "./window.mjs";

const { connections, warmUpSeconds, seconds, watch, ...client } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const count = Math.min(availableParallelism(), connections);
const workers = Array.from({ length: count }, (_, index) => {
  const workerData = { ...client, connections: Math.floor((connections + index) / count) };
  return new Worker(new URL("./client.mjs", import.meta.url), { workerData });
});
const window = new Window(watch);
await sleep(warmUpSeconds * 1000);
window.begin();
for (const worker of workers) worker.postMessage("begin");
await sleep(seconds * 1000);
const told = workers.map((worker) => once(worker, "message"));
for (const worker of workers) worker.postMessage("end");
for (const [{ times, failures }] of await Promise.all(told)) {
  for (const time of times) window.note(time);
  for (const failure of failures) window.noteFailure(failure);
}
const shown = window.end();
process.stdout.write(`${JSON.stringify([shown])}\n`, () => process.exit(0));
