/** Starts what is measured, each as a process of its own on a free port of this machine. */
import { readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tail } from "../support/install.mjs";
import { requireFreePort } from "../support/port.mjs";
import { TYPESCRIPT } from "../support/database.mjs";
import { run, start } from "../support/process.mjs";
import { inProject, SERVE } from "../support/project.mjs";
import { environmentOf } from "../support/supervisor.mjs";

const READY_MS = 60_000;
const ANSWER_MS = 3_000;
const POLL_MS = 5;
/** Debian's packages are for Debian's own Python, which need not be the first one in the path. */
const PYTHONS = ["/usr/bin/python3", "python3"];
const PYTHON_VERSIONS = `
import importlib.util, json, platform, fastapi, pandas, sklearn, uvicorn
has = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({"python": platform.python_version(), "fastapi": fastapi.__version__, "uvicorn": uvicorn.__version__,
  "scikit-learn": sklearn.__version__, "pandas": pandas.__version__, "event loop": "uvloop" if has("uvloop") else "asyncio",
  "HTTP parser": "httptools" if has("httptools") else "h11"}))`;

export const freePort = () => requireFreePort(0, "127.0.0.1", "npm run bench");

/** The status of an answer on a connection of its own; 0 without one. */
function statusOf(address) {
  return new Promise((resolve) => {
    const asked = get(address, { agent: false, timeout: ANSWER_MS }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(0));
    asked.on("close", () => resolve(0));
  });
}

/**
 * Starts a program and waits until it answers with 200.
 * @returns {Promise<{ address: string, pid: number, child: import("node:child_process").ChildProcess, readyMs: number }>}
 * @throws {Error} with the end of what it wrote
 */
async function launch(name, port, ready, { command, args, env }) {
  let output = "";
  let ended = false;
  const began = performance.now();
  const child = start(command, args, { env, onOutput: (text) => (output = (output + text).slice(-20_000)) });
  child.once("exit", () => (ended = true));
  const address = `http://127.0.0.1:${port}`;
  while (!ended && performance.now() - began < READY_MS) {
    if ((await statusOf(address + ready)) === 200) return { address, pid: child.pid, child, readyMs: performance.now() - began };
    await sleep(POLL_MS);
  }
  throw new Error(`${name} did not become ready:\n${tail(output)}`);
}

/** @param {{ child: import("node:child_process").ChildProcess }} server resolves when it is gone */
export async function end({ child }, signal = "SIGTERM") {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
}

/** What would make figures of this machine those of another one. Empty counts as not set. */
const ELSEWHERE = ["MONGODB_URI", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "REDIS_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/** What every process of ours is started with: production, without limits by address, and with a log of what goes wrong alone. */
export function environmentFor(dataFolder) {
  return {
    ...Object.fromEntries(ELSEWHERE.map((name) => [name, ""])),
    NODE_ENV: "production",
    VITRINE_EMBEDDED: "1",
    VITRINE_DATA: dataFolder,
    VITRINE_OUTBOX: "1",
    VISITOR_CALLS_PER_MINUTE: "0",
    VISITOR_ROWS_PER_MINUTE: "0",
    LOG_LEVEL: "warn",
    NEXT_TELEMETRY_DISABLED: "1",
  };
}

/**
 * Starts a role of the product, with its metrics on.
 * @param {{ role: string, dataFolder: string, onNext?: boolean, args?: string[] }} options `onNext`: Next carries the calls of the API
 */
export async function startRole({ role, dataFolder, onNext = false, args = [] }) {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const given = environmentFor(dataFolder);
  const where = { HOST: "127.0.0.1", PORT: String(port), METRICS_PORT: String(metricsPort), API_HOST: onNext ? "next" : "" };
  const env = { ...given, ...environmentOf(role, given), ...where };
  const ready = role === "admin" ? "/admin/readyz" : "/api/readyz";
  const server = await launch(`ROLE=${role}`, port, ready, { command: process.execPath, args: [...SERVE, ...args], env });
  return { ...server, dataFolder };
}

/** Starts a server of `node:http` alone that answers as one of ours did. @param {{ headers: string[], body: string }} answer */
export async function startBare(folder, answer) {
  const port = await freePort();
  const file = path.join(folder, "answer.json");
  writeFileSync(file, JSON.stringify(answer));
  return launch("bench/bare.mjs", port, "/", { command: process.execPath, args: [inProject("bench", "bare.mjs"), String(port), file] });
}

/** @returns {Promise<{ python: string, versions: Record<string, string> } | null>} null where FastAPI or scikit-learn are not installed */
export async function findPeer() {
  for (const python of PYTHONS) {
    const { code, stdout } = await run(python, ["-c", PYTHON_VERSIONS]);
    if (code === 0) return { python, versions: JSON.parse(stdout) };
  }
  return null;
}

/** Starts the peer (bench/README.md) as one process. */
export async function startPeer({ python }) {
  const port = await freePort();
  const args = ["-m", "uvicorn", "peer:app", "--app-dir", inProject("bench"), "--port", String(port), "--log-level", "warning"];
  return launch("bench/peer.py", port, "/health", { command: python, args, env: { MODEL: "linear", PYTHONDONTWRITEBYTECODE: "1" } });
}

/**
 * Starts the embedded database alone, as whoever needs it first starts it; it stays until it is ended.
 * @returns {Promise<{ address: string, pid: number, child: import("node:child_process").ChildProcess, readyMs: number }>} `address` for the driver
 * @throws {Error} with the end of what it wrote
 */
export function startDatabase(dataFolder) {
  const args = [...TYPESCRIPT, "server/embedded/main.ts", "--data", dataFolder, "--grace", "600"];
  const began = performance.now();
  return new Promise((resolve, reject) => {
    let output = "";
    const child = start(process.execPath, args, { onOutput: (text) => (output += text) });
    child.once("exit", () => reject(new Error(`The embedded database did not start:\n${tail(output)}`)));
    child.stdout.on("data", () => {
      if (!output.includes("\n")) return;
      const { address } = JSON.parse(output.split("\n")[0]);
      const readyMs = performance.now() - began;
      resolve({ address: `mongodb://${encodeURIComponent(address)}/bench?directConnection=true`, pid: child.pid, child, readyMs });
    });
  });
}

/** The process of the embedded database, which notes its own number in its folder. */
export function readDatabasePid(dataFolder) {
  return JSON.parse(readFileSync(path.join(dataFolder, "server.lock"), "utf8")).pid;
}
