import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "./process.mjs";
import { say } from "./say.mjs";

/** A process that dies is started again at once, but never twice in a second; one that keeps dying waits longer each time. */
const SOONEST_MS = 1_000;
const LONGEST_MS = 30_000;
const READY_MS = 60_000;
const POLL_MS = 100;
/** A process ends within ten seconds by itself (drain.mjs). */
const KILL_MS = 12_000;

/** What each process is not given: a secret that it has no use for it could only lose. Empty counts as not set. */
const CONSOLE_SECRETS = { ADMIN_SECRET: "", ADMIN_EMAIL: "", ADMIN_PASSWORD: "", CRON_SECRET: "" };
const FOREIGN = { site: CONSOLE_SECRETS, api: CONSOLE_SECRETS, admin: { AUTH_SECRET: "" } };
const URIS = ["MONGODB_URI_SITE", "MONGODB_URI_API", "MONGODB_URI_ADMIN"];

/** The variables of one process. Each role may have a database user of its own: MONGODB_URI_SITE, _API, _ADMIN. */
export function environmentOf(role, given = process.env) {
  const uri = given[`MONGODB_URI_${role.toUpperCase()}`] || given.MONGODB_URI || "";
  return { ...FOREIGN[role], ...Object.fromEntries(URIS.map((name) => [name, ""])), MONGODB_URI: uri, ROLE: role };
}

/** Whether the process takes calls; to a prober that the console's networks leave out it says that there is nothing, which is an answer too. */
async function isReady(role, port) {
  const path = role === "admin" ? "/admin/readyz" : "/api/readyz";
  const signal = AbortSignal.timeout(3_000);
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal, headers: { connection: "close" } }).catch(() => null);
  await response?.arrayBuffer().catch(() => null);
  return response !== null && response.status !== 503 && response.status !== 500;
}

/**
 * One process of the product that is kept running.
 * @param {{ role: "site" | "api" | "admin", port: number, env?: Record<string, string> }} options
 */
export function keepRunning({ role, port, env = {} }) {
  let child;
  let deaths = 0;
  /** Whether it is meant to run; while it is not, its end is no death. */
  let wanted = false;

  function launch() {
    wanted = true;
    const startedAt = performance.now();
    child = start(process.execPath, ["bin/serve.mjs"], {
      env: { ...environmentOf(role), HOST: "127.0.0.1", PORT: String(port), ...env },
      onOutput: (text) => process.stdout.write(text.replace(/^(?=.)/gm, `[${role} ${port}] `)),
    });
    const own = child;
    own.once("exit", (code, signal) => void (wanted && own === child && revive(startedAt, signal ?? code)));
  }

  async function revive(startedAt, how) {
    const ran = performance.now() - startedAt;
    deaths = ran > LONGEST_MS ? 1 : deaths + 1;
    const wait = Math.max(SOONEST_MS - ran, deaths === 1 ? 0 : Math.min(LONGEST_MS, SOONEST_MS * 2 ** (deaths - 2)));
    say(`${role} ${port} ended (${how}); it is started again in ${(wait / 1_000).toFixed(1)} s`);
    await sleep(wait);
    if (!wanted) return;
    launch();
    await awaitReady();
  }

  /** Resolves when the process takes calls, or was not meant to run any more, or takes too long. @returns whether it does */
  async function awaitReady() {
    const end = performance.now() + READY_MS;
    while (wanted && performance.now() < end) {
      if (await isReady(role, port)) {
        say(`${role} ${port} is ready, process ${child.pid}`);
        return true;
      }
      await sleep(POLL_MS);
    }
    return false;
  }

  /** Ends the process: politely, and by force when it does not listen. */
  async function stop() {
    wanted = false;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), KILL_MS);
    await ended;
    clearTimeout(force);
  }

  async function begin() {
    launch();
    return awaitReady();
  }

  return {
    role,
    port,
    begin,
    stop,
    async restart() {
      await stop();
      return begin();
    },
  };
}
