/**
 * `npm run bench`: what a prediction costs here, beside a bare `node:http` and the service that most teams write (bench/README.md).
 * Starts everything itself and ends it; writes bench/results.json and the figures in README.md.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "./bench/options.mjs";
import { measureClients } from "./bench/parts/clients.mjs";
import { measureDatabase } from "./bench/parts/database.mjs";
import { measureHistory } from "./bench/parts/history.mjs";
import { measureModels } from "./bench/parts/models.mjs";
import { measureRows } from "./bench/parts/rows.mjs";
import { measureSoak } from "./bench/parts/soak.mjs";
import { measureStarts } from "./bench/parts/starts.mjs";
import { measureTargets } from "./bench/parts/targets.mjs";
import { replaceBlock, writeReport, writeSummary } from "./bench/report.mjs";
import { describeRun, writeResults } from "./bench/results.mjs";
import { findPeer } from "./bench/servers.mjs";
import { ensureBuilt } from "./support/build.mjs";
import { ensureInstalled } from "./support/install.mjs";
import { endOnSignal } from "./support/lifetime.mjs";
import { endChildren } from "./support/process.mjs";
import { inProject, requireNode } from "./support/project.mjs";
import { main, say, step } from "./support/say.mjs";
import { clearTemporaryFolder, makeTemporaryFolder } from "./support/temporary.mjs";
import { ensureVercelNode, isVercelNodeElsewhere } from "./support/tools.mjs";

const measures = {
  targets: measureTargets,
  clients: measureClients,
  rows: measureRows,
  models: measureModels,
  history: measureHistory,
  starts: measureStarts,
  database: measureDatabase,
};

async function measureAll({ parts, soakMinutes, sizes, setting }, folder) {
  const peer = await findPeer();
  const measured = await describeRun(peer?.versions ?? null);
  const shown = {};
  for (const name of parts) {
    await step(`Measuring ${name}`, async () => {
      shown[name] = { measured, setting, rounds: await measures[name]({ folder, peer, sizes, ...setting }) };
    });
  }
  if (soakMinutes === null) return shown;
  await step(`Half of full load for ${soakMinutes} minutes`, async () => {
    const minutes = soakMinutes;
    shown.soak = { measured, setting: { ...setting, minutes }, ...(await measureSoak({ folder, minutes, ...setting })) };
  });
  return shown;
}

function keep(shown) {
  const { parts } = writeResults(shown);
  const readme = inProject("README.md");
  writeFileSync(readme, replaceBlock(readFileSync(readme, "utf8"), writeSummary(parts)));
  writeFileSync(inProject("bench", "results.md"), `# The last figures\n\n${writeReport(parts).join("\n")}\n`);
  say("\nWritten to bench/results.json, bench/results.md and README.md.");
}

/** Does the same, and everything it starts, on the Node that is deployed. */
async function runOnVercelNode(args) {
  const node = await ensureVercelNode();
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
  const child = spawn(node, [fileURLToPath(import.meta.url), ...args], { env, stdio: "inherit" });
  // Whoever asks this process for its end means that one; a terminal asks both.
  endOnSignal(async () => {
    child.kill("SIGTERM");
    await once(child, "exit");
  });
  const [code] = await once(child, "exit");
  process.exitCode = code ?? 1;
}

async function measureAndTell(options, folder) {
  await ensureInstalled();
  await ensureBuilt();
  const shown = await measureAll(options, folder);
  say(`\n${writeReport(shown).join("\n")}`);
  if (options.write) keep(shown);
  else say("\nNot written down: this was measured with less than usual (--write does it all the same).");
}

async function runBenchmark(options) {
  const folder = makeTemporaryFolder();
  let ended = null;
  const endAll = async () => {
    await endChildren();
    await clearTemporaryFolder(folder);
  };
  const endOnce = () => (ended ??= endAll());
  endOnSignal(endOnce);
  try {
    await measureAndTell(options, folder);
  } catch (error) {
    // Whoever asked for the end has taken the processes away that are missed here.
    if (ended === null) throw error;
  } finally {
    await endOnce();
  }
}

await main(async () => {
  requireNode();
  const args = process.argv.slice(2);
  const options = readOptions(args);
  await (!options.onOwnNode && isVercelNodeElsewhere() ? runOnVercelNode(args) : runBenchmark(options));
});
