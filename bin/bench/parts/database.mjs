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
/** Each on the documents that are there, or into a database of its own, so that those stay as many as they are. */
const ON_STORED = ["disk", "ping", "findOne", "findOneAndUpdate", "pingWhileScanning"];
const INSERTING = ["insertOne", "insertMany"];

/** @throws {Error} with the end of what it wrote */
async function fill({ address }) {
  const { code, output } = await run(process.execPath, [inProject("bench", "fill-database.mjs"), address, String(STORED)]);
  if (code !== 0) throw new Error(`bench/fill-database.mjs failed:\n${tail(output)}`);
}

/** @returns {Promise<object[]>} rounds: by operation as bench/window.mjs has it, `start` and `startAfterKill` as milliseconds and bytes */
export async function measureDatabase({ folder, rounds, ...setting }) {
  const [dataFolder, other] = ["stored", "inserted"].map((name) => path.join(folder, name));
  for (const each of [dataFolder, other]) mkdirSync(each);
  let server = await startDatabase(dataFolder);
  const growing = await startDatabase(other);
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
  const drive = (operation, find) => async () => {
    const atOnce = operation === "insertMany" ? AT_ONCE : 1;
    const measured = await driveDatabase({ folder, ...setting }, find(), { operation, stored: STORED, atOnce, folder });
    return { ...measured, documents: atOnce };
  };
  const driveAll = (operations, find) => Object.fromEntries(operations.map((operation) => [operation, drive(operation, find)]));
  const shown = await measureInTurn(rounds, {
    ...driveAll(ON_STORED, () => server),
    ...driveAll(INSERTING, () => growing),
    start: () => restart("SIGTERM"),
    startAfterKill: () => restart("SIGKILL"),
  });
  await Promise.all([server, growing].map((each) => end(each)));
  return shown;
}
