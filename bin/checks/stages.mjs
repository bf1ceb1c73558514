/** The quick checks: types, lint, borders. Each answers with what passed and the lines that say what failed. */
import { readdirSync } from "node:fs";
import { inProject, root } from "../support/project.mjs";
import { run, tool } from "../support/process.mjs";
import { tail } from "../support/install.mjs";
import { judge } from "./rules.mjs";
import { readSources } from "./sources.mjs";

/** @typedef {{ passed: number, failed: number, lines: string[] }} Outcome */

function fromResult(result, lines) {
  return { passed: result.code === 0 ? 1 : 0, failed: result.code === 0 ? 0 : 1, lines: result.code === 0 ? [] : lines };
}

/** Next writes the types of the routes first: pages use them. @returns {Promise<Outcome>} */
export async function checkTypes() {
  const env = { NEXT_TELEMETRY_DISABLED: "1" };
  const generated = await run(process.execPath, [...tool("next/dist/bin/next"), "typegen"], { env });
  if (generated.code !== 0) return fromResult(generated, [tail(generated.output, 30)]);
  const checked = await run(process.execPath, [...tool("typescript/bin/tsc"), "--noEmit", "--pretty", "false", "-p", "."]);
  return fromResult(checked, [tail(checked.output, 60)]);
}

/** @returns {Promise<Outcome>} */
export async function checkLint() {
  const result = await run(process.execPath, [...tool("oxlint/bin/oxlint"), "--format", "unix", "--deny-warnings"]);
  return fromResult(result, [tail(result.output, 60)]);
}

const CRUISED = ["app", "proxy.ts", "instrumentation.ts", "server", "components", "lib", "bin", "bench", "e2e"];

function typeScriptFiles(folder) {
  if (folder.endsWith(".ts")) return [folder];
  const names = readdirSync(inProject(folder), { recursive: true }).map((name) => `${folder}/${name}`.replaceAll("\\", "/"));
  return names.filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts") && !name.startsWith("e2e/consumer/"));
}

/** A cruise that read no TypeScript finds no offence either, so every file on disk has to appear in it. */
function unreadFiles(modules, folders) {
  const read = new Set(
    modules
      .filter((module) => module.dependencies.length > 0 || module.dependents.length > 0 || module.orphan)
      .map((module) => module.source),
  );
  return folders.flatMap(typeScriptFiles).filter((name) => !read.has(name));
}

async function cruise(config, folders) {
  const result = await run(process.execPath, [
    ...tool("dependency-cruiser/bin/dependency-cruise.mjs"),
    "--config",
    config,
    "--output-type",
    "json",
    ...folders,
  ]);
  try {
    return JSON.parse(result.stdout);
  } catch {
    throw new Error(`dependency-cruiser gave no result: ${tail(result.output)}`);
  }
}

/** @returns {Outcome} one check per rule of the configuration */
function judgeCruise({ summary, modules }, unread) {
  const { forbidden = [], required = [] } = summary.ruleSetUsed;
  const broken = new Set(summary.violations.map((violation) => violation.rule.name));
  const lines = summary.violations.map(
    ({ rule, from, to, cycle }) => `${rule.name}: ${from}${to && to !== from ? ` → ${to}` : ""}${cycle ? " (cycle)" : ""}`,
  );
  if (unread.length > 0) lines.push(`not read by dependency-cruiser: ${unread.slice(0, 10).join(", ")}`);
  const failed = broken.size + (unread.length > 0 ? 1 : 0);
  return { passed: forbidden.length + required.length + 1 - failed, failed, lines, modules: modules.length };
}

function add(...outcomes) {
  const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), lines: outcomes.flatMap((outcome) => outcome.lines) };
}

/** @returns {Promise<Outcome>} */
export async function checkBorders() {
  const [imports, reach] = await Promise.all([
    cruise(".dependency-cruiser.cjs", CRUISED),
    cruise(
      ".dependency-cruiser.reach.cjs",
      CRUISED.filter((folder) => folder !== "e2e"),
    ),
  ]);
  const own = judge(readSources(root)).map(({ name, problems }) => ({
    passed: problems.length === 0 ? 1 : 0,
    failed: problems.length === 0 ? 0 : 1,
    lines: problems.map((problem) => `${name}: ${problem}`),
  }));
  return add(judgeCruise(imports, unreadFiles(imports.modules, CRUISED)), judgeCruise(reach, []), ...own);
}
