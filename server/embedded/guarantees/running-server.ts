import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import mongoose from "mongoose";
import { afterAll, beforeAll } from "vitest";
import { ensureEmbedded } from "../ensure";
import { stopEmbedded } from "../stop";

export type Client = mongoose.mongo.MongoClient;

/** A server with a data folder of its own, and a client of the unmodified driver. */
export interface RunningServer {
  readonly folder: string;
  readonly uri: string;
  readonly client: Client;
}

/**
 * Starts a server before the tests of a file and stops it after them; a fault that it noted meanwhile fails the file.
 */
export function useRunningServer(): RunningServer {
  const running = { folder: "", uri: "", client: new mongoose.mongo.MongoClient("mongodb://unused") };
  beforeAll(async () => {
    running.folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-guarantees-"));
    running.uri = (await ensureEmbedded(running.folder, { testCommands: true })).uri;
    running.client = await mongoose.mongo.MongoClient.connect(running.uri);
  });
  afterAll(async () => {
    await running.client.close();
    await stopEmbedded(running.folder);
    const faults = readFaults(running.folder);
    fs.rmSync(running.folder, { recursive: true });
    if (faults !== "") throw new Error(`the server noted faults of its own:\n${faults}`);
  });
  return running;
}

/** What a server noted in its log: faults of its own, never those of its clients. */
export function readFaults(folder: string): string {
  const log = path.join(folder, "server.log");
  return fs.existsSync(log) ? fs.readFileSync(log, "utf8") : "";
}
