import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { damaged } from "./damage";
import { answersPing, checkLock, readLock } from "./lock-file";

export interface EnsureOptions {
  /** The embedded database is for one machine and one operator; in production it has to be wanted by name. */
  allowInProduction?: boolean;
  /** How long the server stays when nobody is connected; 10 unless said otherwise. */
  graceSeconds?: number;
  /** Offer configureFailPoint; for tests only. */
  testCommands?: boolean;
}

const WAIT_MS = 60_000;
const STEP_MS = 50;
const EXIT_ALREADY_SERVED = 3;
const DATABASE = "vitrine";
/** How a process ends when LMDB reads what it never wrote. */
const CRASHES = new Set(["SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP"]);

/**
 * Makes sure that a server runs for the data folder and says how to reach it. A running one is used, else one is
 * started as a process of its own, which outlives this one and ends by itself when nobody is connected any more.
 * @throws Error with one clear line: folder not writable, data damaged or of a newer version, production
 */
export async function ensureEmbedded(dataFolder: string, options: EnsureOptions = {}): Promise<{ uri: string }> {
  if (process.env.NODE_ENV === "production" && !options.allowInProduction) {
    throw new Error("The embedded database does not run with NODE_ENV=production unless asked for by name; set MONGODB_URI");
  }
  const folder = path.resolve(dataFolder);
  prepareFolder(folder);
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end) {
    const lock = readLock(folder);
    const state = lock ? await checkLock(lock) : "gone";
    if (state === "serving" && lock?.address && (await answersPing(lock.address))) return { uri: buildUri(lock.address) };
    if (state === "gone") {
      const address = await startServer(folder, options);
      if (address) return { uri: buildUri(address) };
    }
    await sleep(STEP_MS);
  }
  throw new Error(`The embedded database for ${folder} did not answer within ${WAIT_MS / 1000} seconds`);
}

function prepareFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.accessSync(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The data folder ${folder} cannot be written to: ${reason}`, { cause: error });
  }
}

/**
 * The address as a connection string. With directConnection the driver does not look for other members, whose addresses it would
 * take for host names in lower case; sessions, transactions and retries work all the same, since the server answers as a primary.
 */
function buildUri(address: string): string {
  return `mongodb://${encodeURIComponent(address).replace("%3A", ":")}/${DATABASE}?directConnection=true`;
}

/** The new server's address; null when another process was quicker. */
async function startServer(folder: string, options: EnsureOptions): Promise<string | null> {
  // Not for the bundler to follow: the server is a program of its own, run from its source.
  const main = path.join(/* turbopackIgnore: true */ process.cwd(), "server", "embedded", "main.ts");
  const flags = ["--data", folder];
  if (options.graceSeconds !== undefined) flags.push("--grace", String(options.graceSeconds));
  if (options.testCommands) flags.push("--test-commands");
  const child = spawn(process.execPath, ["--conditions=react-server", "--import", "tsx", main, ...flags], {
    cwd: /* turbopackIgnore: true */ process.cwd(),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  try {
    return await waitForReady(child, folder);
  } finally {
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.unref();
  }
}

function waitForReady(child: ChildProcess, folder: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let output = "";
    let problem = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const line = output.split("\n")[0] ?? "";
      if (!output.includes("\n")) return;
      const ready = JSON.parse(line) as { address: string };
      resolve(ready.address);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      problem += chunk.toString();
    });
    child.on("error", (error) => reject(new Error(`The embedded database could not be started: ${error.message}`)));
    child.on("close", (code, signal) => {
      const isCrash = signal ? CRASHES.has(signal) : problem.includes("Assertion");
      if (code === EXIT_ALREADY_SERVED && !isCrash) return resolve(null);
      const how = signal ? `its server was ended by ${signal}` : `its server ended with status ${code ?? "unknown"}`;
      const reason = isCrash ? damaged(path.join(folder, "data.mdb"), how).message : problem.trim().split("\n").at(-1) || how;
      reject(new Error(`The embedded database did not start: ${reason}`));
    });
  });
}
