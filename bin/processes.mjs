/**
 * `npm run processes [-- --api 2]`: the product as separate processes on one machine, from the build that is there and with one database:
 * site, API and console, each started again when it dies, with nginx in front of them where it is installed. SIGHUP restarts one after the
 * other, each once the one before it is ready; SIGTERM or Ctrl-C ends all. PORT is the gateway's; the processes have the ports behind it.
 */
import { parseArgs } from "node:util";
import { checkEnvironment } from "./support/environment.mjs";
import { findNginx, startGateway } from "./support/gateway.mjs";
import { endOnSignal } from "./support/lifetime.mjs";
import { metricsOf } from "./support/metrics.mjs";
import { parsePort, requireFreePort } from "./support/port.mjs";
import { endChildren } from "./support/process.mjs";
import { requireBuild, requireNode } from "./support/project.mjs";
import { main, PlainError, say } from "./support/say.mjs";
import { environmentOf, KeptProcess } from "./support/supervisor.mjs";
import { clearTemporaryFolder, makeTemporaryFolder } from "./support/temporary.mjs";

const COMMAND = "npm run processes";
const MOST = 16;

/** @throws {PlainError} when it is no small number */
function readCount(text) {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST) return count;
  throw new PlainError(`--api must be a number from 1 to ${MOST}.`);
}

/** Which processes there are, on the ports behind the gateway's. */
function listProcesses(first, apis, env) {
  const roles = ["site", ...Array.from({ length: apis }, () => "api"), "admin"];
  return roles.map((role, index) => new KeptProcess({ role, port: first + 1 + index, env: { ...env, ...metricsOf(index) } }));
}

/** One at a time, so that of several there is always one that answers. */
async function restartAll(processes) {
  for (const each of processes) {
    if (!(await each.restart())) throw new Error(`${each.role} ${each.port} did not become ready`);
  }
}

/** A restart that is asked for while one is under way begins when that one has ended. */
function restartOnSignal(processes) {
  let running = Promise.resolve();
  process.on("SIGHUP", () => {
    running = running
      .then(() => restartAll(processes))
      .then(() => say("All processes were restarted."))
      .catch((error) => say(`The restart stopped: ${error.message}`));
  });
}

// Whoever reads this output may go; the processes are kept all the same.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

await main(async () => {
  requireNode();
  const { values } = parseArgs({ options: { api: { type: "string", default: "2" } } });
  requireBuild();
  const port = parsePort(process.env.PORT, 3_000);
  const host = process.env.HOST || "127.0.0.1";
  const nginx = findNginx();
  const behindGateway = { TRUST_PROXY: process.env.TRUST_PROXY || "1" };
  const processes = listProcesses(port, readCount(values.api), nginx ? behindGateway : {});
  await requireFreePort(port, host, COMMAND);
  for (const each of processes) await requireFreePort(each.port, "127.0.0.1", COMMAND);

  process.env.NODE_ENV = "production";
  await Promise.all(["site", "api", "admin"].map((role) => checkEnvironment(environmentOf(role))));

  const folder = makeTemporaryFolder();
  endOnSignal(async () => {
    await Promise.all(processes.map((each) => each.stop()));
    await endChildren();
    await clearTemporaryFolder(folder);
  });
  restartOnSignal(processes);
  const ready = await Promise.all(processes.map((each) => each.begin()));
  if (ready.includes(false)) say("Not all processes became ready; they go on being started.");
  if (nginx) await startGateway({ nginx, folder, host, port, processes });
  say(nginx ? `Vitrine answers on http://${host}:${port}` : describeRoutes(processes));
  say(`kill -HUP ${process.pid} restarts one process after the other, kill -TERM ${process.pid} ends all.`);
});

/** What somebody has to know who brings a gateway of their own. */
function describeRoutes(processes) {
  const of = (role) => processes.filter((each) => each.role === role).map((each) => `127.0.0.1:${each.port}`).join(", ");
  return [
    "nginx is not installed, so nothing stands in front of the processes: a gateway of your own has to route",
    `  /admin and /admin/… to ${of("admin")}`,
    `  /api and /api/…, /health to ${of("api")}`,
    `  everything else to ${of("site")}`,
    "and set X-Forwarded-For, -Host and -Proto; start this with TRUST_PROXY=1 then.",
  ].join("\n");
}
