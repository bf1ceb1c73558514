/**
 * The product as separate processes, started for real and asked from outside: each shows its own part and nothing of the others, none
 * needs the others to live, and they are restarted without one failed call. One build, one database, ports of their own.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TYPESCRIPT } from "../support/database.mjs";
import { findNginx } from "../support/gateway.mjs";
import { tail } from "../support/install.mjs";
import { run, start } from "../support/process.mjs";
import { ask, callConstantly, callSteadily, readCalls } from "./load.mjs";
import { compareHosts } from "./parity.mjs";
import { probeProcess } from "./probes.mjs";
import { findChildren, findPorts, READY_MS, startRole, statusOf, until } from "./roles.mjs";

const MEGABYTE = 1024 * 1024;
const MAX_API_BYTES = 300 * MEGABYTE;
const MAX_CONSOLE_BYTES = 512 * MEGABYTE;
/** How soon the console says that the API is gone. */
const NOTICED_MS = 10_000;
const END_MS = 10_000;
/** Calls a second while something is killed or restarted, on a machine that can carry them. */
const RATE = 200;
const SHARE = 0.5;
const CALIBRATION_MS = 2_000;
const CALLERS = 16;
const LOAD_MS = 4_000;
const OPERATOR = { ADMIN_EMAIL: "owner@example.com", ADMIN_PASSWORD: "quiet harbour lanterns" };

class Results {
  passed = 0;
  lines = [];
  notes = [];

  /** Counts a guarantee. @param {string} name what holds @param {unknown} holds @param {string[]} why what was seen instead */
  expect(name, holds, why = []) {
    if (holds) this.passed += 1;
    else this.lines.push([name, ...why].join("\n  "));
  }

  get outcome() {
    return { passed: this.passed, failed: this.lines.length, lines: this.lines, note: this.notes.join("; ") };
  }
}

/** The most memory the process ever held, in bytes; null where the system does not tell. */
function readPeak(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024 || null;
  } catch {
    return null;
  }
}

/** @returns {Promise<string>} the cookie of the operator's session */
async function signIn(address) {
  const body = new URLSearchParams({ email: OPERATOR.ADMIN_EMAIL, password: OPERATOR.ADMIN_PASSWORD });
  const sent = { method: "POST", headers: { origin: address }, body, redirect: "manual" };
  const response = await fetch(`${address}/admin/auth/callback/password`, sent);
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
  if (cookies.some((cookie) => !cookie.endsWith("="))) return cookies.join("; ");
  throw new Error(`the operator could not sign in: ${response.status} ${response.headers.get("location")}`);
}

async function proveRoles(results, processes) {
  for (const { role, port } of processes) {
    const { asked, problems } = await probeProcess(role, port);
    results.expect(`ROLE=${role} shows nothing of the other parts, asked in ${asked} ways`, problems.length === 0, problems.slice(0, 12));
  }
}

function judgeMemory(results, name, bytes, most) {
  if (bytes === null) return results.notes.push(`the memory of the ${name} process could not be read here`);
  const line = `the ${name} process held at most ${Math.round(bytes / MEGABYTE)} of ${most / MEGABYTE} MiB`;
  results.notes.push(line);
  results.expect(line, bytes < most);
}

async function proveMemory(results, api, calls) {
  const end = callConstantly(api.address, calls, CALLERS);
  await sleep(LOAD_MS);
  const { sent, failed, rate, lines } = await end();
  results.expect("the API answers every call of a full load", sent > 0 && failed === 0, lines);
  results.notes.push(`${rate} predictions/s of ${calls.length} models by one API process`);
  judgeMemory(results, "API", readPeak(api.child.pid), MAX_API_BYTES);
}

/** The API is killed while it is called: the console's pages answer all the time, and say soon what happened. */
async function proveApartness(results, api, admin, calls) {
  const headers = { cookie: await signIn(admin.address) };
  const readPage = () => ask(undefined, admin.address, { path: "/admin", headers });
  const before = await readPage();
  results.expect("the overview says that customers can predict", before.body.includes("Customers can predict"), [`status ${before.status}`]);
  const end = callSteadily(api.address, calls, RATE / 4);
  await sleep(500);
  api.child.kill("SIGKILL");
  const killed = performance.now();
  const wrong = [];
  let noticed = null;
  while (noticed === null && performance.now() - killed < NOTICED_MS + 5_000) {
    const { status, body } = await readPage();
    if (status !== 200) wrong.push(`status ${status}`);
    if (body.includes("Customers cannot predict") && body.includes("No process of the API runs")) noticed = performance.now() - killed;
    await sleep(250);
  }
  await end();
  results.expect("the console's pages answer 200 while the API is gone", wrong.length === 0, wrong.slice(0, 5));
  results.expect("the console says within 10 s that the API is gone", noticed !== null && noticed <= NOTICED_MS, [`it took ${noticed} ms`]);
  if (noticed !== null) results.notes.push(`the console told of the killed API after ${(noticed / 1_000).toFixed(1)} s`);
  judgeMemory(results, "console", readPeak(admin.child.pid), MAX_CONSOLE_BYTES);
}

async function proveEnd(results, { role, child }) {
  const began = performance.now();
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const code = await ended;
  const took = performance.now() - began;
  results.expect(`ROLE=${role} ends in good order within 10 s`, code === 0 && took < END_MS, [`code ${code} after ${Math.round(took)} ms`]);
}

/** @returns a row of customer-churn, and the key of a new customer */
async function prepareComparison(calls, env) {
  const { input: example } = JSON.parse(calls.find(({ path: address }) => address.includes("customer-churn")).body);
  const options = { env: { ...env, VITRINE_OUTBOX: "1" } };
  const { code, stdout, stderr } = await run(process.execPath, [...TYPESCRIPT, "bin/checks/make-key.ts"], options);
  if (code !== 0) throw new Error(`No key could be made: ${tail(stderr)}`);
  return { example, key: stdout.trim() };
}

/** The API without Next around it answers what it answers in Next, where it runs on Vercel. */
async function proveParity(results, api, calls, env) {
  const [port] = await findPorts(1);
  const next = await startRole("api", port, { ...env, API_HOST: "next" });
  const { asked, problems } = await compareHosts(api.port, port, await prepareComparison(calls, env));
  results.expect(`both hosts of the API answer ${asked} calls alike`, asked >= 300 && problems.length === 0, problems.slice(0, 12));
  await proveEnd(results, next);
}

/** Several processes on one port: one that is killed is started again, and all end together. */
async function proveSharing(results, env) {
  const [port] = await findPorts(1);
  const api = await startRole("api", port, env, ["--processes", "2"]);
  const workers = findChildren(api.child.pid);
  results.expect("--processes 2 starts two processes", workers.length === 2, [`${workers.length} were started`]);
  process.kill(workers[0], "SIGKILL");
  await until("the killed process is missed", READY_MS, () => api.readOutput().includes(`Process ${workers[0]} ended`));
  results.expect("one of several processes is killed, and calls are answered", (await statusOf(`${api.address}/api/readyz`)) === 200);
  await proveEnd(results, { ...api, role: "api in two processes" });
}

async function proveSingly(results, env) {
  const ports = await findPorts(3);
  const roles = ["site", "api", "admin"];
  const processes = await Promise.all(roles.map((role, index) => startRole(role, ports[index], env)));
  const [site, api, admin] = processes;
  await proveRoles(results, processes);
  const calls = await readCalls(api.address);
  await proveParity(results, api, calls, env);
  await proveMemory(results, api, calls);
  await proveApartness(results, api, admin, calls);
  await Promise.all([site, admin].map((each) => proveEnd(results, each)));
}

/** The processes of a role in the order in which they became ready, as the supervisor tells of them. */
function listReady(output, role) {
  const lines = output.matchAll(new RegExp(`^${role} \\d+ is ready, process (\\d+)`, "gm"));
  return [...lines].map(([, pid]) => Number(pid));
}
const pidOf = (output, role) => listReady(output, role).at(-1);
const countReady = (output, role) => listReady(output, role).length;

/** So many calls a second that a slow or busy machine has something left for starting processes: what fails then is not for want of time. */
async function chooseRate(results, address, calls) {
  const end = callConstantly(address, calls, CALLERS);
  await sleep(CALIBRATION_MS);
  const { rate } = await end();
  const chosen = Math.min(RATE, Math.max(5, Math.floor(rate * SHARE)));
  if (chosen < RATE) results.notes.push(`this machine carries ${rate} calls/s now, so ${chosen}/s were sent instead of ${RATE}`);
  return chosen;
}

function judgeCalls(results, name, { sent, failed, lines }) {
  results.expect(name, sent > 0 && failed === 0, [`${failed} of ${sent} failed`, ...lines]);
}

async function proveBehindGateway(results, env) {
  const [port] = await findPorts(5);
  let output = "";
  const options = { env: { ...env, PORT: String(port), HOST: "127.0.0.1" }, onOutput: (text) => (output += text) };
  const supervisor = start(process.execPath, ["bin/processes.mjs"], options);
  const address = `http://127.0.0.1:${port}`;
  await until("the gateway's answer", READY_MS, () => output.includes("Vitrine answers on")).catch((error) => {
    throw new Error(`${error.message}:\n${tail(output, 12)}`);
  });
  const calls = [...(await readCalls(address)), { path: "/api/v1/models" }];

  const rate = await chooseRate(results, address, calls);
  const whileKilled = callSteadily(address, calls, rate);
  await sleep(500);
  process.kill(pidOf(output, "admin"), "SIGKILL");
  await until("the console's comeback", READY_MS, () => countReady(output, "admin") === 2);
  const one = await whileKilled();
  judgeCalls(results, "not one customer's call fails while the console is killed", one);
  results.expect("the console comes back without a hand", (await statusOf(`${address}/admin/sign-in`)) === 200);

  const whileRestarted = callSteadily(address, calls, rate);
  await sleep(500);
  supervisor.kill("SIGHUP");
  await until("the rolling restart", READY_MS, () => output.includes("All processes were restarted."));
  const two = await whileRestarted();
  judgeCalls(results, "not one call fails while all processes are restarted", two);
  results.notes.push(`rolling restart: ${two.failed} of ${two.sent} calls failed at ${two.rate}/s, the slowest took ${two.slowest} ms`);

  const apis = countReady(output, "api");
  process.kill(pidOf(output, "api"), "SIGKILL");
  await until("the API's comeback", READY_MS, () => countReady(output, "api") === apis + 1);
  results.expect("the API comes back without a hand", (await statusOf(`${address}/api/readyz`)) === 200);
  await proveEnd(results, { role: "all, as separate processes", child: supervisor });
}

/** @param {string} folder where the run's data lies */
export async function runProcessChecks(folder) {
  const results = new Results();
  const env = {
    ...OPERATOR,
    NODE_ENV: "production",
    VITRINE_EMBEDDED: "1",
    VITRINE_DATA: path.join(folder, "apart"),
    VISITOR_CALLS_PER_MINUTE: "0",
    VISITOR_ROWS_PER_MINUTE: "0",
    NEXT_TELEMETRY_DISABLED: "1",
    LOG_LEVEL: "error",
  };
  const loaded = await run(process.execPath, [...TYPESCRIPT, "bin/load-demo.ts"], { env });
  if (loaded.code !== 0) throw new Error(`The demo models could not be loaded: ${tail(loaded.output)}`);
  await proveSingly(results, env);
  await proveSharing(results, env);
  if (findNginx()) await proveBehindGateway(results, env);
  else results.notes.push("NOT PROVEN: nginx is not installed, so nothing was restarted behind a gateway (apt-get install nginx-light)");
  return results.outcome;
}
