/** Starts parts of the product as processes of their own, for checks that ask them from outside. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tail } from "../support/install.mjs";
import { requireFreePort } from "../support/port.mjs";
import { start } from "../support/process.mjs";
import { SERVE } from "../support/project.mjs";
import { environmentOf } from "../support/supervisor.mjs";
import { ask } from "./load.mjs";

export const READY_MS = 60_000;

/** @throws {Error} when it does not come true in time */
export async function until(what, milliseconds, look) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    if (await look()) return;
    await sleep(100);
  }
  throw new Error(`${what} did not happen within ${milliseconds / 1_000} s`);
}

/** On a connection of its own, so that one to a process that is gone tells nothing. */
export const statusOf = async (address) => (await ask(false, address, { path: "" })).status;

/** So many ports next to each other that are free. */
export async function findPorts(count) {
  for (;;) {
    const first = await requireFreePort(0, "127.0.0.1", "npm test");
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map((port) => requireFreePort(port, "127.0.0.1", "npm test").catch(() => 0)));
    if (!free.includes(0) && ports.at(-1) < 65_536) return ports;
  }
}

export async function startRole(role, port, env, options = []) {
  let output = "";
  const variables = { ...env, ...environmentOf(role, { ...process.env, ...env }), HOST: "127.0.0.1", PORT: String(port) };
  const child = start(process.execPath, [...SERVE, ...options], { env: variables, onOutput: (text) => (output += text) });
  const ready = `http://127.0.0.1:${port}${role === "admin" ? "/admin/readyz" : "/api/readyz"}`;
  await until(`${role} ready:\n${tail(output)}`, READY_MS, async () => (await statusOf(ready)) === 200);
  return { role, port, child, address: `http://127.0.0.1:${port}`, readOutput: () => output };
}

/** The processes that a process started, as the kernel tells (proc(5), the fourth field of `stat`). */
export function findChildren(pid) {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((each) => {
    try {
      const stat = readFileSync(`/proc/${each}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
    } catch {
      return false;
    }
  });
}
