/** A database of the run's own with the demo models in it, and what has to be in there for the parts. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { sentenceOf, TYPESCRIPT } from "../support/database.mjs";
import { run } from "../support/process.mjs";
import { environmentFor } from "./servers.mjs";

/** @throws {Error} with the sentence of what failed */
async function runTypeScript(file, args, dataFolder) {
  const { code, stdout, stderr } = await run(process.execPath, [...TYPESCRIPT, file, ...args], { env: environmentFor(dataFolder) });
  if (code !== 0) throw new Error(`${file} ${args[0] ?? ""} failed: ${sentenceOf(stderr)}`);
  return stdout;
}

const prepare = async (dataFolder, ...args) => JSON.parse(await runTypeScript("bin/bench/prepare.ts", args, dataFolder));

/**
 * A new embedded database, its process started, with the demo models and one customer with a key.
 * @returns {Promise<{ dataFolder: string, customerId: string, key: string }>}
 */
export async function makeWorld(folder, name) {
  const dataFolder = path.join(folder, name);
  mkdirSync(dataFolder);
  await runTypeScript("bin/load-demo.ts", [], dataFolder);
  return { dataFolder, ...(await prepare(dataFolder, "customer")) };
}

/** Publishes copies of the churn model. @returns {Promise<string[]>} their slugs */
export const publishCopies = async ({ dataFolder }, count) => (await prepare(dataFolder, "copies", String(count))).slugs;

/** Brings the customer's stored predictions to exactly that many; one must have been made. */
export const storePredictions = ({ dataFolder, customerId }, count) => prepare(dataFolder, "history", customerId, String(count));
