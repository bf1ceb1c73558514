/**
 * `npm test`: everything, with all it needs. Types, lint, borders, unit and room tests, the build and what is in it, its
 * parts as separate processes, journeys in a browser. The last line is always `N passed, N failed`; the exit code follows it; no process
 * stays behind.
 */
import { runProcessChecks } from "./checks/processes.mjs";
import { checkBorders, checkLint, checkTypes } from "./checks/stages.mjs";
import { checkArtefacts, runBrowserTests, runUnitTests } from "./checks/suites.mjs";
import { ensureBrowser } from "./support/browser.mjs";
import { ensureBuilt } from "./support/build.mjs";
import { ensureInstalled } from "./support/install.mjs";
import { endChildren } from "./support/process.mjs";
import { requireNode } from "./support/project.mjs";
import { PlainError, say, secondsSince } from "./support/say.mjs";
import { clearTemporaryFolder, makeTemporaryFolder } from "./support/temporary.mjs";

/** A run that hangs must end before whoever waits for it gives up. */
const DEADLINE_MS = 2_400_000;
const total = { passed: 0, failed: 0 };
/** Once the end has begun no stage may start any more. */
let finishing = false;

/** Runs one stage, prints its figures and what failed. @returns {Promise<boolean>} whether all of it passed */
async function stage(title, work) {
  if (finishing) return new Promise(() => {});
  const start = performance.now();
  let outcome;
  try {
    outcome = await work();
  } catch (error) {
    outcome = { passed: 0, failed: 1, lines: [error instanceof PlainError ? error.message : error.stack] };
  }
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  const mark = outcome.failed > 0 ? "✗" : "✓";
  say(
    `${mark} ${title}: ${outcome.passed} passed, ${outcome.failed} failed (${secondsSince(start)})${outcome.note ? `; ${outcome.note}` : ""}`,
  );
  for (const line of outcome.lines) say(`    ${line.replaceAll("\n", "\n    ")}`);
  return outcome.failed === 0;
}

async function build() {
  await ensureBuilt();
  return { passed: 1, failed: 0, lines: [] };
}

async function runStages(folder) {
  await Promise.all([stage("types", checkTypes), stage("lint", checkLint), stage("borders", checkBorders)]);
  await stage("unit and room tests", () => runUnitTests(folder));
  if (!(await stage("build", build))) return;
  await stage("what is in the build", async () => checkArtefacts());
  await stage("site, API and console as separate processes", () => runProcessChecks(folder));
  await stage("doors and journeys in a browser", async () => runBrowserTests(folder, await ensureBrowser()));
}

async function finish(folder) {
  await endChildren();
  await clearTemporaryFolder(folder);
  say(`${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
}

const folder = makeTemporaryFolder();

/** Only the first reason to end counts: the end of the stages, the deadline or a signal. */
async function end(reason) {
  if (finishing) return;
  finishing = true;
  if (reason) {
    total.failed += 1;
    say(`✗ ${reason}`);
  }
  await finish(folder);
}

process.on("SIGINT", () => void end("interrupted"));
process.on("SIGTERM", () => void end("asked to end"));
setTimeout(() => void end(`not finished after ${DEADLINE_MS / 1000} s`), DEADLINE_MS).unref();

try {
  requireNode();
  await ensureInstalled();
  await runStages(folder);
  await end();
} catch (error) {
  await end(error instanceof PlainError ? error.message : error.stack);
}
