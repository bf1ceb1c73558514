/**
 * `npm start`: the product as one process, or with ROLE=site|api|admin that part of it, from the build that is there. PORT, HOST,
 * TRUST_PROXY=1 behind a proxy of your own (2 behind two). `ROLE=api npm start -- --processes cores`: one process a core, on one port.
 */
import cluster from "node:cluster";
import { parseArgs } from "node:util";
import { describeConsole, ensureFirstOperator } from "./support/database.mjs";
import { checkEnvironment } from "./support/environment.mjs";
import { serve } from "./support/host.mjs";
import { endOnSignal } from "./support/lifetime.mjs";
import { parsePort, requireFreePort } from "./support/port.mjs";
import { requireBuild, requireNode } from "./support/project.mjs";
import { hostsApi, servesConsole, servesPages } from "./support/role.mjs";
import { main, PlainError, say } from "./support/say.mjs";
import { readProcesses, startWorkers } from "./support/workers.mjs";

const COMMAND = "npm start";
const port = () => parsePort(process.env.PORT, 3_000);
const host = process.env.HOST || undefined;

function tell(found, operator) {
  const address = `http://${host ?? "localhost"}:${found}`;
  const part = process.env.ROLE && process.env.ROLE !== "all" ? ` (${process.env.ROLE})` : "";
  say(`Vitrine${part} listens on ${address}${operator ? `\nConsole: ${describeConsole(address, operator)}` : ""}`);
}

async function serveHere() {
  // The API alone looks at its variables by itself, in a tenth of the time.
  if (servesPages() || !hostsApi()) await checkEnvironment();
  requireBuild();
  const running = await serve({ dev: false, port: port(), host, command: COMMAND });
  endOnSignal(() => running.close());
  const operator = servesConsole() ? await ensureFirstOperator().catch((error) => say(error.message) ?? null) : null;
  if (cluster.isPrimary) tell(running.port, operator);
}

async function serveByWorkers(count) {
  if (servesPages() || !hostsApi()) throw new PlainError("--processes is for ROLE=api, which keeps nothing that another process would miss.");
  requireBuild();
  const found = await requireFreePort(port(), host, COMMAND);
  process.env.PORT = String(found);
  const workers = await startWorkers(count);
  endOnSignal(() => workers.close());
  tell(found, null);
}

/** What `--processes` says. @throws {PlainError} for anything else that was written behind the command */
function readOption() {
  try {
    return parseArgs({ options: { processes: { type: "string" } } }).values.processes;
  } catch (error) {
    throw new PlainError(error.message.split("\n")[0]);
  }
}

await main(async () => {
  requireNode();
  process.env.NODE_ENV = "production";
  const count = readProcesses(readOption());
  if (count === 1 || cluster.isWorker) await serveHere();
  else await serveByWorkers(count);
});
