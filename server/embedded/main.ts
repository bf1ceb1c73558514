import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { acquireLock, announceAddress, prepareSocketPath, releaseLock } from "./lock-file";
import { EmbeddedServer } from "./server";

/**
 * The server process:
 *   node --conditions=react-server --import tsx server/embedded/main.ts --data DIR [--grace SECONDS] [--test-commands]
 * Prints one line of JSON (`{ address, pid }`) once it answers. Problems are one line on stderr; exit status 3 means
 * that another server has the folder.
 */
const EXIT_FAILED = 1;
const EXIT_ALREADY_SERVED = 3;
const DEFAULT_GRACE_SECONDS = 10;

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

async function main(): Promise<void> {
  const { dataFolder, graceMs, testCommands } = readArguments();
  fs.mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const holder = await acquireLock(dataFolder);
  if (holder) {
    process.stderr.write(`${dataFolder} is already served by process ${holder.pid}\n`);
    process.exitCode = EXIT_ALREADY_SERVED;
    return;
  }
  process.on("exit", () => releaseLock(dataFolder));
  const server = new EmbeddedServer({
    dataFolder,
    socketPath: prepareSocketPath(dataFolder),
    graceMs,
    testCommands,
    onStop: () => process.exit(0),
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

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message.split("\n")[0]}\n`);
  process.exit(EXIT_FAILED);
});
