import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";

const PROCESSES = 2;
/** Each answers with its own number. */
const SCRIPT = `
import cluster from "node:cluster";
import { createServer } from "node:http";
import { startWorkers } from ${JSON.stringify(new URL("./workers.mjs", import.meta.url).href)};
if (cluster.isPrimary) {
  const workers = await startWorkers(${PROCESSES});
  process.once("SIGTERM", () => workers.close().then(() => process.exit()));
  console.log("ready");
} else {
  createServer((_request, response) => response.end(String(process.pid))).listen(Number(process.env.PORT), "127.0.0.1");
  process.once("SIGTERM", () => process.exit());
}
`;

const folder = mkdtempSync(join(tmpdir(), "vitrine-workers-"));
let primary;
afterEach(async () => {
  const ended = once(primary, "exit");
  primary.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true });
});

async function findPort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** One connection a call. @returns the number of the process that answered */
async function ask(port) {
  const response = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: "close" }, signal: AbortSignal.timeout(10_000) });
  return Number(await response.text());
}

it("gives a connection that was on its way to a process when that was killed to another one", async () => {
  const port = await findPort();
  const script = join(folder, "serve.mjs");
  writeFileSync(script, SCRIPT);
  primary = spawn(process.execPath, [script], { env: { ...process.env, PORT: String(port) }, stdio: ["ignore", "pipe", "inherit"] });
  await once(primary.stdout, "data");
  const first = await ask(port);
  process.kill(first, "SIGSTOP");
  // In turn: some of them go to the one that does not take them any more.
  const answers = Array.from({ length: 2 * PROCESSES }, () => ask(port));
  const second = await Promise.any(answers);
  expect(second).not.toBe(first);
  process.kill(first, "SIGKILL");
  const answered = await Promise.all(answers);
  expect(answered).toHaveLength(2 * PROCESSES);
  expect(answered).not.toContain(first);
});
