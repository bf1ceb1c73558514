/** Lets a load tool work in a process of its own and reads what it saw. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tail } from "../support/install.mjs";
import { run } from "../support/process.mjs";
import { inProject } from "../support/project.mjs";
import { readCost } from "./process-cost.mjs";
import { readDatabasePid } from "./servers.mjs";

/** A server rests when it used less than this share of a core for so long; it gets no longer than that to come to rest. */
const RESTING = 0.1;
const LOOK_MS = 200;
const REST_MS = 30_000;

let jobs = 0;

/** What the load tool reads the cost of: the server, and the database apart from it. */
function watchOf({ pid, dataFolder }) {
  if (!dataFolder) return { server: { pid }, database: null };
  const database = readDatabasePid(dataFolder);
  return { server: { pid, without: [database] }, database: { pid: database } };
}

/** What a run before left to be done would be counted for the next one. @param {Record<string, { pid: number } | null>} watch */
export async function waitForRest(watch) {
  const spent = () => Object.values(watch).reduce((sum, which) => sum + (which === null ? 0 : (readCost(which)?.cpuSeconds ?? 0)), 0);
  const latest = performance.now() + REST_MS;
  for (let before = spent(); performance.now() < latest; ) {
    await sleep(LOOK_MS);
    const now = spent();
    if (now - before < (RESTING * LOOK_MS) / 1000) return;
    before = now;
  }
}

async function drive(program, folder, server, job) {
  const watch = watchOf(server);
  await waitForRest(watch);
  const file = path.join(folder, `job-${(jobs += 1)}.json`);
  writeFileSync(file, JSON.stringify({ ...job, address: server.address, watch }));
  const { code, stdout, output } = await run(process.execPath, [inProject("bench", program), file]);
  if (code !== 0) throw new Error(`bench/${program} failed:\n${tail(output)}`);
  return JSON.parse(stdout).map((window) => ({ ...window, callsPerSecond: window.calls / window.seconds }));
}

/**
 * Calls a server from so many connections for one window.
 * @param {{ folder: string, connections: number, warmUpSeconds: number, seconds: number }} setting `folder` is for the job's file
 * @param {object[]} requests what is asked, one after the other
 * @returns {Promise<object>} as bench/window.mjs has it, with `callsPerSecond`
 */
export async function driveCalls({ folder, connections, warmUpSeconds, seconds }, server, requests) {
  const [window] = await drive("load.mjs", folder, server, { connections, warmUpSeconds, seconds, windows: 1, requests });
  return window;
}

/** The same for many windows next to each other, at a steady number of calls a second. */
export async function driveSteadily({ folder, connections, warmUpSeconds, seconds }, server, requests, { windows, callsPerSecond }) {
  return drive("load.mjs", folder, server, { connections, warmUpSeconds, seconds, windows, callsPerSecond, requests });
}

/** Asks the embedded database alone, one thing after the other. @param {{ operation: string }} asked as bench/database.mjs takes it */
export async function driveDatabase({ folder, warmUpSeconds, seconds }, server, asked) {
  const [window] = await drive("database.mjs", folder, server, { warmUpSeconds, seconds, ...asked });
  return window;
}

/** Calls it as programs in Node do. @param {{ kind: "trpc" | "rest", model: string, input: object, headers: object }} client */
export async function driveClient({ folder, connections, warmUpSeconds, seconds }, server, client) {
  const [window] = await drive("clients.mjs", folder, server, { connections, warmUpSeconds, seconds, ...client });
  return window;
}
