import { once } from "node:events";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "./process.mjs";
import { SERVE } from "./project.mjs";
import { say } from "./say.mjs";

/** A process that dies is started again at once, but never twice in a second; one that keeps dying waits longer each time. */
const SOONEST_MS = 1_000;
const LONGEST_MS = 30_000;
const READY_MS = 60_000;
const POLL_MS = 100;
const ANSWER_MS = 3_000;
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

/**
 * Whether the process takes calls; where the console's networks leave us out it says that there is nothing, which is an answer too. A
 * request of its own each time, that always ends: whoever waits for the process waits for this.
 */
function isReady(role, port) {
  const path = role === "admin" ? "/admin/readyz" : "/api/readyz";
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode !== 503 && response.statusCode !== 500);
    });
    const timer = setTimeout(() => request.destroy(), ANSWER_MS);
    request.on("error", () => resolve(false));
    request.on("close", () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

/** One process of the product that is kept running. */
export class KeptProcess {
  #env;
  #child;
  #deaths = 0;
  /** Whether it is meant to run; while it is not, its end is no death. */
  #wanted = false;

  /** @param {{ role: "site" | "api" | "admin", port: number, env?: Record<string, string> }} options */
  constructor({ role, port, env = {} }) {
    this.role = role;
    this.port = port;
    this.#env = { ...environmentOf(role), HOST: "127.0.0.1", PORT: String(port), ...env };
  }

  /** Starts the process. @returns {Promise<boolean>} whether it takes calls; false when it takes too long or is to end already */
  async begin() {
    this.#launch();
    return this.#awaitReady();
  }

  /** Ends the process: politely, and by force when it does not listen. */
  async stop() {
    this.#wanted = false;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), KILL_MS);
    await ended;
    clearTimeout(force);
  }

  async restart() {
    await this.stop();
    return this.begin();
  }

  #launch() {
    this.#wanted = true;
    const startedAt = performance.now();
    const label = `[${this.role} ${this.port}] `;
    // Lines of the log are JSON and say by themselves whose they are.
    const onOutput = (text) => process.stdout.write(text.replace(/^(?=[^{\n])/gm, label));
    const child = start(process.execPath, SERVE, { env: this.#env, onOutput });
    this.#child = child;
    child.once("exit", (code, signal) => {
      if (this.#wanted && child === this.#child) void this.#revive(performance.now() - startedAt, signal ?? code);
    });
  }

  async #revive(ran, how) {
    this.#deaths = ran > LONGEST_MS ? 1 : this.#deaths + 1;
    const backoff = this.#deaths === 1 ? 0 : Math.min(LONGEST_MS, SOONEST_MS * 2 ** (this.#deaths - 2));
    const wait = Math.max(SOONEST_MS - ran, backoff);
    say(`${this.role} ${this.port} ended (${how}); it is started again in ${(wait / 1_000).toFixed(1)} s`);
    const dead = this.#child;
    await sleep(wait);
    if (this.#wanted && this.#child === dead) await this.begin();
  }

  async #awaitReady() {
    const end = performance.now() + READY_MS;
    const child = this.#child;
    while (this.#wanted && this.#child === child && performance.now() < end) {
      if (child.exitCode === null && (await isReady(this.role, this.port))) {
        say(`${this.role} ${this.port} is ready, process ${child.pid}`);
        return true;
      }
      await sleep(POLL_MS);
    }
    return false;
  }
}
