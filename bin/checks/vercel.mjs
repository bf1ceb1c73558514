/**
 * `npm run check:vercel`: builds the project as Vercel does, offline and as a preview, and looks at what comes of it. The functions are
 * read; some of them, and the server of the same build for containers, are started outside the project and asked. Takes minutes and
 * 550 MB below `.cache`; needs Linux on x64, as the functions do.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { ensureInstalled, tail } from "../support/install.mjs";
import { endOnSignal } from "../support/lifetime.mjs";
import { endChildren, run } from "../support/process.mjs";
import { inProject, requireNode } from "../support/project.mjs";
import { main, PlainError, say, secondsSince, step } from "../support/say.mjs";
import { clearTemporaryFolder, makeTemporaryFolder } from "../support/temporary.mjs";
import { ensureTools, ensureVercelNode } from "../support/tools.mjs";
import { copyProject } from "./deployment-copy.mjs";
import { BRANCH, previewVariables, startDatabase, tryDeployment } from "./deployment-trial.mjs";
import { findPattern } from "./route-patterns.mjs";
import { describeFunctions, judgeOutput, readOutput } from "./vercel-output.mjs";

/** The newest that npm can install with all it needs. */
const VERCEL = "vercel@60.1.3";

/** What `vercel pull` would fetch; nothing is installed again. */
const PROJECT = { settings: { framework: "nextjs", nodeVersion: "24.x", installCommand: "true" } };

async function build(project, { node, modules }, variables) {
  mkdirSync(path.join(project, ".vercel"));
  writeFileSync(path.join(project, ".vercel", "project.json"), JSON.stringify(PROJECT));
  const env = {
    ...variables,
    HOME: path.join(project, "..", "home"),
    PATH: `${path.dirname(node)}:${process.env.PATH}`,
    NEXT_TELEMETRY_DISABLED: "1",
    VERCEL_TELEMETRY_DISABLED: "1",
    VITRINE_SKIP_TYPES: "1",
    // Changes nothing in the functions: the server for containers is put beside them.
    VITRINE_STANDALONE: "1",
    NODE_ENV: undefined,
  };
  const result = await run(node, [path.join(modules, "vercel", "dist", "vc.js"), "build", "--yes"], { env, cwd: project });
  if (result.code !== 0) throw new PlainError(`vercel build failed:\n${tail(result.output, 40)}`);
}

function listRoutes() {
  const names = readdirSync(inProject("app"), { recursive: true }).map((name) => `app/${name}`);
  return names.filter((name) => /(^|\/)(page|route)\.tsx?$/.test(name));
}

/** Vercel's own reading of vercel.json's patterns, beside the one that the quick test goes by. */
async function judgePatterns({ modules }, routes, wanted) {
  const { getLambdaOptionsFromFunction } = createRequire(import.meta.url)(path.join(modules, "@vercel", "build-utils"));
  const problems = [];
  for (const route of routes) {
    const { maxDuration } = await getLambdaOptionsFromFunction({ sourceFile: route, config: wanted });
    const pattern = findPattern(route, Object.keys(wanted.functions));
    if (pattern === undefined || maxDuration !== wanted.functions[pattern].maxDuration) problems.push(route);
  }
  return { name: "patterns are read as Vercel reads them", problems };
}

function report(judged) {
  for (const { name, problems } of judged) {
    say(`${problems.length > 0 ? "✗" : "✓"} ${name}`);
    for (const problem of problems) say(`    ${problem}`);
  }
  const failed = judged.filter(({ problems }) => problems.length > 0).length;
  say(`${judged.length - failed} passed, ${failed} failed`);
  return failed;
}

async function check(folder, tools) {
  const project = path.join(folder, "project");
  await step("Copying the project", () => copyProject(project));
  const database = await startDatabase(path.join(folder, "data"));
  await step(`Building as Vercel does, as a preview of ${BRANCH}`, () => build(project, tools, previewVariables(database)));
  const [routes, wanted] = [listRoutes(), JSON.parse(readFileSync(inProject("vercel.json"), "utf8"))];
  const output = readOutput(project);
  for (const line of describeFunctions(output, routes, wanted)) say(`  ${line}`);
  const judged = [await judgePatterns(tools, routes, wanted), ...judgeOutput(output, routes, wanted, true)];
  judged.push(...(await tryDeployment({ project, folder, node: tools.node, database, output })));
  return report(judged);
}

await main(async () => {
  requireNode();
  const start = performance.now();
  const folder = makeTemporaryFolder();
  const end = async () => {
    await endChildren();
    await clearTemporaryFolder(folder);
  };
  endOnSignal(end);
  try {
    await ensureInstalled();
    const tools = { node: await ensureVercelNode(), modules: await ensureTools("vercel", [VERCEL]) };
    const failed = await check(folder, tools);
    say(`(${secondsSince(start)})`);
    process.exitCode = failed > 0 ? 1 : 0;
  } finally {
    await end();
  }
});
