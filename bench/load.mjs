/**
 * The load tool, a process of its own: `node bench/load.mjs JOB.json`. Calls an address from so many connections, each with its next call
 * as soon as it has an answer, and prints one JSON line with what each window showed (see window.mjs).
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { Window } from "./window.mjs";

const { address, requests, connections, warmUpSeconds, seconds, windows: count, callsPerSecond, watch } = JSON.parse(
  readFileSync(process.argv[2], "utf8"),
);
/** Longer than everything together: the end is told, not waited for. */
const duration = Math.ceil(warmUpSeconds + seconds * count) + 60;
const shared = { url: address, connections, duration, requests, excludeErrorStats: true };
const load = autocannon({ ...shared, ...(callsPerSecond && { overallRate: callsPerSecond }) });

const window = new Window(watch);
load.on("response", (_client, status, _bytes, milliseconds) => {
  if (status === 200) window.note(milliseconds);
  else window.noteFailure(String(status));
});
load.on("reqError", (error) => window.noteFailure(error.code ?? error.message));
load.on("error", (error) => {
  throw error;
});

await sleep(warmUpSeconds * 1000);
const windows = [];
for (let index = 0; index < count; index++) {
  window.begin();
  await sleep(seconds * 1000);
  windows.push(window.end());
}
process.stdout.write(`${JSON.stringify(windows)}\n`, () => process.exit(0));
