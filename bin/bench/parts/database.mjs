/** The embedded database by itself: one caller at a time by the official driver, and how it starts with much in it. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { tail } from "../../support/install.mjs";
import { run } from "../../support/process.mjs";
import { inProject } from "../../support/project.mjs";
import { say } from "../../support/say.mjs";
import { driveDatabase, waitForRest } from "../drive.mjs";
import { readCost } from "../process-cost.mjs";
import { measureInTurn } from "../rounds.mjs";
import { end, startDatabase } from "../servers.mjs";

const STORED = 100_000;
const AT_ONCE = 1_000;
const OPERATIONS = ["disk", "ping", "findOne", "insertOne", "findOneAndUpdate", "insertMany", "pingWhileScanning"];

/** @throws {Error} with the end of what it wrote */
async function fill({ address }) {
  const { code, output } = await run(process.execPath, [inProject("bench", "fill-database.mjs"), address, String(STORED)]);
  if (code !== 0) throw new Error(`bench/fill-database.mjs failed:\n${tail(output)}`);
}

/** @returns {Promise<object[]>} rounds: by operation as bench/window.mjs has it, `start` and `startAfterKill` as milliseconds and bytes */
export async function measureDatabase({ folder, rounds, ...setting }) {
  const dataFolder = path.join(folder, "database");
  mkdirSync(dataFolder);
  let server = await startDatabase(dataFolder);
  await fill(server);
  const restart = async (signal) => {
    await end(server, signal);
    server = await startDatabase(dataFolder);
    const { pid, readyMs } = server;
    await waitForRest({ server: { pid } });
    const residentBytes = readCost({ pid })?.residentBytes ?? null;
    say(`  ready after ${Math.round(readyMs)} ms`);
    return { readyMs, residentBytes };
  };
  const drive = (operation) => async () => {
    const atOnce = operation === "insertMany" ? AT_ONCE : 1;
    const measured = await driveDatabase({ folder, ...setting }, server, { operation, stored: STORED, atOnce, folder });
    return { ...measured, documents: atOnce };
  };
  const shown = await measureInTurn(rounds, {
    ...Object.fromEntries(OPERATIONS.map((operation) => [operation, drive(operation)])),
    start: () => restart("SIGTERM"),
    startAfterKill: () => restart("SIGKILL"),
  });
  await end(server);
  return shown;
}
