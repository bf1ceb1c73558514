import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { damaged } from "./damage";
import { noteCleanStop, takeCleanNote } from "./data-file";
import { checkPages } from "./data-pages";
import { acquireLock, announceAddress, type LockRecord, prepareSocketPath, readLock, releaseLock } from "./lock-file";
import { countStartBytes, describeShortage, readFreeBytes } from "./disk-space";
import { EmbeddedServer, type ServerOptions } from "./server";

/**
 * The server process:
 *   node --conditions=react-server --import tsx server/embedded/main.ts --data DIR [--grace SECONDS] [--test-commands]
 * Prints one line of JSON (`{ address, pid }`) once it answers. Problems are one line on stderr; exit status 3 means
 * that another server has the folder.
 */
const EXIT_FAILED = 1;
const EXIT_ALREADY_SERVED = 3;
const DEFAULT_GRACE_SECONDS = 10;
const DATA_NAME = "data.mdb";
const DISK_FULL = /ENOSPC|EDQUOT|No space left|disk quota/i;
const NOT_WRITABLE = /EROFS|EACCES|EPERM|read-only|permission denied/i;

function readArguments() {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      grace: { type: "string", default: String(DEFAULT_GRACE_SECONDS) },
      "test-commands": { type: "boolean", default: false },
    },
  });
  if (!values.data) throw new Error("usage: main.ts --data DIR [--grace SECONDS] [--test-commands]");
  const graceSeconds = Number(values.grace);
  if (!(graceSeconds > 0)) throw new Error(`--grace must be a number of seconds, not ${values.grace}`);
  return { dataFolder: path.resolve(values.data), graceMs: graceSeconds * 1000, testCommands: values["test-commands"] };
}

async function serve({ dataFolder, graceMs, testCommands }: ReturnType<typeof readArguments>): Promise<void> {
  fs.mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  checkSpace(dataFolder);
  const holder = await acquireLock(dataFolder);
  if (holder) return leaveTo(dataFolder, holder);
  process.on("exit", () => releaseLock(dataFolder));
  const file = path.join(dataFolder, DATA_NAME);
  // With a torn page LMDB ends the process, leaves documents out, or never comes to an end: the pages are read first.
  const counted = takeCleanNote(file) ? null : checkPages(file);
  // Reading them can take longer than others wait for an address, and then one of them has taken the folder over.
  const successor = readLock(dataFolder);
  if (successor?.pid !== process.pid) return leaveTo(dataFolder, successor);
  const server = openServer({
    dataFolder,
    counted,
    socketPath: prepareSocketPath(dataFolder),
    graceMs,
    testCommands,
    onStop: () => {
      noteCleanStop(file);
      process.exit(0);
    },
  });
  // Set before the address is told: whoever reads it may send a signal at once.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void server.stop());
  // What is on the disk is whole; what is in memory may not be. The next ensureEmbedded starts a fresh process.
  process.on("uncaughtException", (error) => {
    server.reportFault("uncaught", error);
    process.exit(EXIT_FAILED);
  });
  // The starter goes away; nobody reads these any more.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const address = await server.listen();
  announceAddress(dataFolder, address);
  process.stdout.write(`${JSON.stringify({ address, pid: process.pid })}\n`);
}

/** Two servers of one folder would spoil each other's data. */
function leaveTo(dataFolder: string, holder: LockRecord | null): void {
  process.stderr.write(`${dataFolder} is already served by process ${holder?.pid ?? "unknown"}\n`);
  process.exitCode = EXIT_ALREADY_SERVED;
}

/** @throws Error with one line; what LMDB or BSON cannot read is damaged, though its pages are in order */
function openServer(options: ServerOptions): EmbeddedServer {
  try {
    return new EmbeddedServer(options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!/\bMDB_|\bbson\b/i.test(message) || DISK_FULL.test(message)) throw error;
    throw damaged(path.join(options.dataFolder, DATA_NAME), message.split("\n")[0] ?? "");
  }
}

function checkSpace(dataFolder: string): void {
  const free = readFreeBytes(dataFolder);
  if (free !== null && free < countStartBytes(dataFolder)) throw new Error(describeShortage(free));
}

function describeProblem(dataFolder: string, error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
  if (DISK_FULL.test(message)) return `the disk of ${dataFolder} is full (${message}); nothing was changed`;
  if (NOT_WRITABLE.test(message)) return `${dataFolder} cannot be written to (${message})`;
  return message;
}

async function main(): Promise<void> {
  const options = readArguments();
  try {
    await serve(options);
  } catch (error) {
    throw new Error(describeProblem(options.dataFolder, error), { cause: error });
  }
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  // LMDB may have written something of its own before, without an end of line.
  process.stderr.write(`\n${message}\n`);
  process.exit(EXIT_FAILED);
});
