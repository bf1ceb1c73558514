/** The suites: unit and room tests, and the journeys in a browser against the product as it is hosted. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { tail } from "../support/install.mjs";
import { requireFreePort } from "../support/port.mjs";
import { run, start, tool } from "../support/process.mjs";
import { TYPESCRIPT } from "../support/database.mjs";
import { buildFolder, SERVE } from "../support/project.mjs";
import { judgeFunctions, measureScripts, readFunctions } from "./artefacts.mjs";

const MODEL_PAGE = "/models/customer-churn";
const MAX_SCRIPT_BYTES = 200_000;
/** Who the journeys of the console sign in as. */
const OPERATOR = { ADMIN_EMAIL: "owner@example.com", ADMIN_PASSWORD: "quiet harbour lanterns" };
const SERVER_START_MS = 20_000;

function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

function failure(...lines) {
  return { passed: 0, failed: 1, lines };
}

/** What was expected and where; the frames of the tools below it say nothing. */
function head(text, lines) {
  const own = text.split("\n").filter((line) => line.trim() && !line.includes("node_modules/"));
  return own.slice(0, lines).join("\n");
}

/** A file that could not be loaded has no tests to count: it counts as one failure. */
function failuresOfFile({ name, message, status, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (failed.length === 0 && status === "failed") return [`${name}: ${tail(message, 8)}`];
  return failed.map((test) => `${name} › ${test.fullName}\n${head(test.failureMessages.join("\n"), 8)}`);
}

/** What was left out, because this machine lacks something: a test that did not run must not look like one that passed. */
function noteSkipped(testResults) {
  const skipped = testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status !== "passed" && status !== "failed"));
  const places = [...new Set(skipped.map(({ ancestorTitles, title }) => ancestorTitles[0] || title))];
  return skipped.length === 0 ? {} : { note: `${skipped.length} SKIPPED: ${places.join("; ")}` };
}

/** @param {string} folder what the tests take for the temporary folder of the machine */
export async function runUnitTests(folder) {
  const report = path.join(folder, "unit.json");
  const result = await run(process.execPath, [...tool("vitest/vitest.mjs"), "run", "--reporter=json", `--outputFile=${report}`], {
    env: { TMPDIR: folder, VITRINE_DATA: path.join(folder, "units"), LOG_LEVEL: "silent" },
  });
  const found = readReport(report);
  if (!found) return failure(`vitest gave no report:\n${tail(result.output, 30)}`);
  const lines = found.testResults.flatMap(failuresOfFile);
  const failed = Math.max(lines.length, found.success ? 0 : 1);
  const shown = lines.length > 0 || failed === 0 ? lines : [tail(result.output, 30)];
  return { passed: found.numPassedTests, failed, lines: shown, ...noteSkipped(found.testResults) };
}

/** What the build put into each function. */
export function checkArtefacts() {
  const judged = judgeFunctions(readFunctions(buildFolder()));
  const lines = judged.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
  const failed = judged.filter(({ problems }) => problems.length > 0).length;
  return { passed: judged.length - failed, failed, lines };
}

async function waitForServer(address, child) {
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  const end = performance.now() + SERVER_START_MS;
  while (!ended && performance.now() < end) {
    const response = await fetch(`${address}/api/readyz`).catch(() => null);
    if (response?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/**
 * Hosts the product as `npm start` does, on a free port with data of its own and without limits for visitors.
 * @returns {Promise<{ address: string, output: () => string, ready: boolean }>}
 */
async function hostProduct(env) {
  const port = await requireFreePort(0, "127.0.0.1", "npm test");
  let output = "";
  const child = start(process.execPath, SERVE, {
    env: { LOG_LEVEL: "warn", ...env, PORT: String(port), HOST: "127.0.0.1" },
    onOutput: (text) => {
      output += text;
    },
  });
  const address = `http://127.0.0.1:${port}`;
  return { address, output: () => output, ready: await waitForServer(address, child) };
}

async function checkWeight(address) {
  try {
    const bytes = await measureScripts(address, MODEL_PAGE);
    const line = `the scripts of ${MODEL_PAGE} weigh ${(bytes / 1000).toFixed(0)} kB compressed, ${MAX_SCRIPT_BYTES / 1000} kB are allowed`;
    return bytes <= MAX_SCRIPT_BYTES ? { passed: 1, failed: 0, lines: [], note: line } : failure(line);
  } catch (error) {
    return failure(`the weight of ${MODEL_PAGE} could not be measured: ${error.message}`);
  }
}

function failedSpecs(suite, file = suite.file) {
  const own = (suite.specs ?? [])
    .filter((spec) => !spec.ok)
    .map((spec) => {
      const errors = spec.tests.flatMap((test) => test.results.flatMap((result) => result.errors.map((error) => error.message)));
      return `${file} › ${spec.title}\n${tail(errors.join("\n").replaceAll(new RegExp(`${String.fromCodePoint(27)}\\[[0-9;]*m`, "g"), ""), 14)}`;
    });
  return [...own, ...(suite.suites ?? []).flatMap((inner) => failedSpecs(inner, file))];
}

async function runJourneys(address, browser, folder, data) {
  const report = path.join(folder, "journeys.json");
  const env = { ...OPERATOR, VITRINE_DATA: data, BASE_URL: address, CHROMIUM_PATH: browser, VITRINE_REPORT: report, TMPDIR: folder, FORCE_COLOR: "0" };
  const result = await run(process.execPath, [...tool("@playwright/test/cli.js"), "test"], { env });
  const found = readReport(report);
  if (!found) return failure(`Playwright gave no report:\n${tail(result.output, 30)}`);
  const { expected, unexpected, flaky } = found.stats;
  const lines = [...found.suites.flatMap((suite) => failedSpecs(suite)), ...found.errors.map((error) => error.message)];
  return { passed: expected, failed: unexpected + flaky + found.errors.length, lines };
}

/**
 * The product with a fresh database: the weight of its pages and every journey in the browser. It believes `X-Forwarded-For`, so that each
 * test comes from an address of its own, with limits of its own.
 */
export async function runBrowserTests(folder, browser) {
  const data = path.join(folder, "data");
  const env = {
    VITRINE_EMBEDDED: "1",
    VITRINE_DATA: data,
    VISITOR_CALLS_PER_MINUTE: "0",
    VISITOR_ROWS_PER_MINUTE: "0",
    VITRINE_OUTBOX: "1",
    TRUST_PROXY: "1",
    ...OPERATOR,
    NEXT_TELEMETRY_DISABLED: "1",
  };
  const loaded = await run(process.execPath, [...TYPESCRIPT, "bin/load-demo.ts"], { env });
  if (loaded.code !== 0) return failure(`The demo models could not be loaded: ${tail(loaded.output)}`);
  const product = await hostProduct(env);
  if (!product.ready) return failure(`The product did not become ready:\n${tail(product.output(), 20)}`);
  const weight = await checkWeight(product.address);
  const journeys = await runJourneys(product.address, browser, folder, data);
  const log = journeys.failed > 0 ? [`— the server wrote —\n${tail(product.output(), 12)}`] : [];
  return {
    passed: weight.passed + journeys.passed,
    failed: weight.failed + journeys.failed,
    lines: [...weight.lines, ...journeys.lines, ...log],
    note: weight.note,
  };
}
