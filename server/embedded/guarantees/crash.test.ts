import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ensureEmbedded } from "../ensure";
import { isAlive, readLock } from "../lock-file";
import { stopEmbedded } from "../stop";
import { findContradictions } from "./crash-checks";
import { Ledger } from "./crash-ledger";
import { openCollections, prepareCollections, runWriters, WRITERS } from "./crash-writers";
import { Random } from "./random-values";
import { readFaults, type Client } from "./running-server";
import { ROUNDS, SEED } from "./settings";
import { findIndexFaultsIn } from "./stored-indexes";

const ORDINARY_ROUNDS = 3;

let folder: string;
let clients: Client[];

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-crash-"));
  const { uri } = await ensureEmbedded(folder);
  // A command notices the loss before the driver's own watch does, and the driver soon looks for the server again.
  const options = { serverMonitoringMode: "poll", heartbeatFrequencyMS: 500, minHeartbeatFrequencyMS: 50 } as const;
  clients = await Promise.all(Array.from({ length: WRITERS }, () => mongoose.mongo.MongoClient.connect(uri, options)));
});

afterAll(async () => {
  await closeAll();
  fs.rmSync(folder, { recursive: true });
});

async function closeAll(): Promise<void> {
  await Promise.all(clients.map((client) => client.close()));
  await stopEmbedded(folder);
}

/** Kills the server in the middle of its work, waits until it is gone and starts another. */
async function killAndRestart(): Promise<void> {
  const pid = readLock(folder)?.pid ?? 0;
  process.kill(pid, "SIGKILL");
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 5 });
  await ensureEmbedded(folder);
}

async function waitForWrites(ledger: Ledger, count: number): Promise<void> {
  const end = ledger.acknowledged + count;
  await vi.waitFor(() => expect(ledger.acknowledged).toBeGreaterThan(end), { timeout: 10_000, interval: 1 });
}

describe("a server that is killed in the middle of its work", () => {
  it(`has all it acknowledged, nothing twice, nothing by halves, ${ROUNDS} times (EMBEDDED_SEED=${SEED})`, async () => {
    const random = new Random(SEED);
    const ledger = new Ledger();
    const [client] = clients;
    if (!client) throw new Error("no client");
    const collections = openCollections(client);
    await prepareCollections(collections);
    const startedAt = performance.now();
    for (let round = 0; round < ROUNDS; round += 1) {
      let isOver = false;
      const writers = runWriters(clients, ledger, round, () => isOver);
      await waitForWrites(ledger, 20 + random.below(100));
      await killAndRestart();
      // The same clients go on, so that what they repeat after the restart is looked at too.
      await waitForWrites(ledger, 50);
      isOver = true;
      await writers;
      expect(await findContradictions(collections, ledger), `round ${round}, EMBEDDED_SEED=${SEED}`).toEqual([]);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    await closeAll();
    expect(await findIndexFaultsIn(folder)).toEqual([]);
    expect(readFaults(folder)).toBe("");
    if (ROUNDS !== ORDINARY_ROUNDS) report(ledger, seconds);
  }, 20_000 + ROUNDS * 15_000);
});

/** For runs by hand. */
function report({ acknowledged, errors, transfers, rows, batches, increments, tickets }: Ledger, seconds: number): void {
  const counts = { rounds: ROUNDS, seconds: Math.round(seconds), acknowledged, transfers: transfers.size, rows: rows.size };
  process.stdout.write(`${JSON.stringify({ ...counts, batches: batches.size, increments, tickets, errors }, null, 2)}\n`);
}
