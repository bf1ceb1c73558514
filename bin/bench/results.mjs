/** bench/results.json: each part as it was measured last, and with what. Neither paths nor names of machines are in it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { run } from "../support/process.mjs";
import { inProject } from "../support/project.mjs";

const FILE = inProject("bench", "results.json");
const PACKAGES = ["next", "@trpc/server", "mongodb", "onnxruntime-node", "autocannon"];

const readJson = (...parts) => JSON.parse(readFileSync(inProject(...parts), "utf8"));

/** The commit that is checked out, and whether something was changed since; null where there is no git. */
async function readCommit() {
  const head = await run("git", ["rev-parse", "--short=10", "HEAD"]);
  if (head.code !== 0) return null;
  // What this command writes itself is no change of what it measures.
  const changed = await run("git", ["status", "--porcelain", "--", ".", ":!bench/results.json", ":!README.md"]);
  return { id: head.stdout.trim(), changed: changed.stdout.trim() !== "" };
}

/** What a measurement belongs to. @param {Record<string, string> | null} peer versions of the peer's parts */
export async function describeRun(peer) {
  const packages = PACKAGES.map((name) => [name, readJson("node_modules", name, "package.json").version]);
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: await readCommit(),
    node: process.versions.node,
    system: `${process.platform} ${process.arch}`,
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    memoryBytes: totalmem(),
    packages: Object.fromEntries(packages),
    peer,
  };
}

export function readResults() {
  return existsSync(FILE) ? readJson("bench", "results.json") : { parts: {} };
}

/** Figures have more digits than they mean. */
function round(_key, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}

/** Puts what was measured in the place of what was measured before; other parts stay. @returns {object} all of it */
export function writeResults(parts) {
  const results = { parts: { ...readResults().parts, ...parts } };
  writeFileSync(FILE, `${JSON.stringify(results, round, 1)}\n`);
  return results;
}
