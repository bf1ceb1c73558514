/** Parts of a build, started outside the project and asked as customers ask them. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TYPESCRIPT } from "../support/database.mjs";
import { tail } from "../support/install.mjs";
import { requireFreePort } from "../support/port.mjs";
import { run, signalGroup, start } from "../support/process.mjs";
import { inProject } from "../support/project.mjs";
import { PlainError } from "../support/say.mjs";
import { placeFiles, placeTree } from "./deployment-copy.mjs";
import { resolveAddress } from "./vercel-output.mjs";

export const BRANCH = "checks/vercel-output";
const HOST = "vitrine-git-checks.vercel.app";
const PREDICTION = "/api/v1/models/customer-churn/predictions";
const INPUT = { tenure: 2, contract: "Month-to-month", monthly_charges: 89.95 };
const START_MS = 20_000;
/** Longer than a build takes: nobody is connected meanwhile. */
const GRACE_SECONDS = 1_800;

/**
 * A database server of this check's own.
 * @returns {Promise<{ uri: string, preview: string }>} as `MONGODB_URI`; and with the name that the preview's database must have
 */
export async function startDatabase(folder) {
  const code = `
    const { ensureEmbedded } = await import("@/server/embedded/ensure");
    const { namePreviewDatabase } = await import("@/server/core/preview");
    const { uri } = await ensureEmbedded(${JSON.stringify(folder)}, { graceSeconds: ${GRACE_SECONDS} });
    const preview = uri.replace("/vitrine?", "/" + namePreviewDatabase(${JSON.stringify(BRANCH)}) + "?");
    process.stdout.write(JSON.stringify({ uri, preview }));`;
  const args = [...TYPESCRIPT, "--input-type=module", "--eval", code];
  const { code: status, stdout, output } = await run(process.execPath, args, { env: { NODE_ENV: undefined } });
  if (status !== 0) throw new PlainError(`No database could be started:\n${tail(output)}`);
  return JSON.parse(stdout);
}

/** What Vercel tells a preview's build and functions, with production's own variables beside it. */
export function previewVariables({ uri }) {
  return {
    VERCEL: "1",
    VERCEL_ENV: "preview",
    VERCEL_GIT_COMMIT_REF: BRANCH,
    VERCEL_URL: HOST,
    VERCEL_BRANCH_URL: HOST,
    MONGODB_URI: uri,
    VITRINE_URL: "https://production.example",
    VITRINE_DATA: undefined,
    VITRINE_EMBEDDED: undefined,
  };
}

/** Waits until `address` answers at all. @throws {PlainError} with what the process wrote */
async function waitFor(address, child, output) {
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  const end = performance.now() + START_MS;
  while (!ended && performance.now() < end) {
    if (await fetch(address).catch(() => null)) return;
    await sleep(100);
  }
  throw new PlainError(`It does not answer at ${address}:\n${tail(output())}`);
}

/** Starts a program that listens on PORT, has `ask` done with its address, and ends it. @returns {Promise<string[]>} what is wrong */
async function withServer({ node, args, cwd, env }, ask) {
  let output = "";
  const port = await requireFreePort(0, "127.0.0.1", "npm run check:vercel");
  const variables = { ...env, NODE_ENV: "production", LOG_LEVEL: "warn", HOSTNAME: "127.0.0.1", PORT: String(port) };
  const child = start(node, args, { cwd, env: variables, onOutput: (text) => (output += text) });
  try {
    const address = `http://127.0.0.1:${port}`;
    await waitFor(`${address}/`, child, () => output);
    const problems = await ask(address);
    return problems.length > 0 && output ? [...problems, tail(output)] : problems;
  } finally {
    signalGroup(child, "SIGKILL");
  }
}

async function askPrediction(address, headers) {
  const response = await fetch(address + PREDICTION, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ input: INPUT }),
  });
  const text = await response.text();
  const isAnswered = response.status === 200 && JSON.parse(text).output !== undefined;
  return isAnswered ? [] : [`${response.status} ${text.slice(0, 300)}`];
}

/** Lays the function out that answers an address, alone in a folder. @returns how to start it there */
function placeFunction({ output, folder, node, database }, address) {
  const target = resolveAddress(output.config, address);
  const found = output.functions.find(({ addresses }) => addresses.includes(target));
  if (!found) throw new PlainError(`No function of the output answers ${address}.`);
  const cwd = path.join(folder, `function-${found.settings.maxDuration}`);
  placeFiles(found.files, cwd);
  const args = [inProject("bin/checks/function-host.mjs"), cwd, found.settings.handler, `/${target}`];
  return { node, args, cwd, env: previewVariables(database) };
}

/** Lays the server for containers out. @returns how to start it there */
function placeStandalone({ project, folder, node, database }) {
  const cwd = path.join(folder, "standalone");
  placeTree(path.join(project, ".next", "standalone"), cwd);
  const none = { VITRINE_DATA: undefined, VITRINE_URL: undefined, VERCEL: undefined, VERCEL_ENV: undefined };
  const env = { ...none, MONGODB_URI: database.preview, AUTH_SECRET: "s".repeat(32) };
  return { node, args: ["server.js"], cwd, env };
}

/** What a platform's proxy says of a call that came to the deployment's own address. */
const FORWARDED = { "x-forwarded-host": HOST, "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7" };

/** A sign-in with a wrong password: it is refused, but at the deployment's own address. */
async function askSignIn(address) {
  const csrf = await fetch(`${address}/api/auth/csrf`, { headers: FORWARDED });
  const cookie = csrf.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  if (!csrf.ok) return [`no token: ${csrf.status}`];
  const { csrfToken } = await csrf.json();
  const response = await fetch(`${address}/api/auth/callback/credentials`, {
    method: "POST",
    redirect: "manual",
    headers: { ...FORWARDED, cookie, origin: `https://${HOST}`, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrfToken, email: "nobody@example.com", password: "wrong but long", callbackUrl: `https://${HOST}/keys` }),
  });
  const place = response.headers.get("location");
  return response.status === 303 && place?.startsWith("/sign-in?error=sign_in_refused") ? [] : [`${response.status} ${place} ${cookie}`];
}

/** Has the program that opens foreign files look into one, with what its function took along and nothing else. */
function inspectModel({ node, cwd }) {
  const question = Buffer.from(JSON.stringify({ kind: "inspect", filename: "model.onnx", base: null, memory_mib: 1_024 }));
  const file = readFileSync(inProject("demo/customer-churn/model.onnx"));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(question.length, 0);
  head.writeUInt32BE(file.length, 4);
  const input = Buffer.concat([head, question, file]);
  const { stdout, stderr } = spawnSync(node, [".cache/inspector.mjs"], { cwd, input, timeout: START_MS, env: { NODE_ENV: "production" } });
  const text = stdout.subarray(8).toString();
  return text.startsWith('{"kind":"inspected"') ? [] : [tail(`${text.slice(0, 300)}\n${stderr}`)];
}

/**
 * Starts functions of the output and the server for containers, each alone in a folder, and asks them. What was built is removed
 * before: whatever they still find is what they took along.
 */
export async function tryDeployment(trial) {
  const predicting = placeFunction(trial, PREDICTION);
  const accounts = placeFunction(trial, "/api/auth/csrf");
  const inspecting = placeFunction(trial, "/admin/uploads/trpc/uploads.finish");
  const standalone = placeStandalone(trial);
  rmSync(trial.project, { recursive: true, force: true });
  return [
    {
      name: "the predicting function answers a prediction, alone in a folder, from the database of its branch",
      problems: await withServer(predicting, (address) => askPrediction(address, FORWARDED)),
    },
    { name: "the function of accounts signs in at whatever address it was given", problems: await withServer(accounts, askSignIn) },
    { name: "the function of uploads can look into a model file", problems: inspectModel(inspecting) },
    {
      name: "the server for containers answers a prediction, alone in a folder",
      problems: await withServer(standalone, (address) => askPrediction(address, {})),
    },
  ];
}
