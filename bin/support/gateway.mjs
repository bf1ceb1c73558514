import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, start } from "./process.mjs";
import { inProject } from "./project.mjs";
import { PlainError } from "./say.mjs";

const CANDIDATES = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"];
const TEMPLATE = inProject("deploy", "nginx.conf");

/** Where nginx is, or null. */
export function findNginx() {
  return CANDIDATES.find((file) => existsSync(file)) ?? null;
}

const serversOf = (processes, role) =>
  processes
    .filter((each) => each.role === role)
    .map(({ port }) => `server 127.0.0.1:${port} max_fails=0;`)
    .join(" ");

/** deploy/nginx.conf with its names in braces filled in, within what nginx needs around it. */
function writeConfiguration(folder, { host, port, processes }) {
  const values = {
    GATEWAY_LISTEN: `${host}:${port}`,
    GATEWAY_LOG: process.env.GATEWAY_LOG || "/dev/null",
    ADMIN_ALLOW_FILE: process.env.ADMIN_ALLOW_FILE || inProject("deploy", "admin-allow.conf"),
    SITE_SERVERS: serversOf(processes, "site"),
    API_SERVERS: serversOf(processes, "api"),
    ADMIN_SERVERS: serversOf(processes, "admin"),
  };
  const server = readFileSync(TEMPLATE, "utf8").replace(/\$\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${path.join(folder, name)};`);
  const around = ["daemon off;", `pid ${path.join(folder, "pid")};`, "error_log stderr warn;", "worker_processes 1;"];
  const file = path.join(folder, "nginx.conf");
  writeFileSync(file, [...around, "events { worker_connections 4096; }", "http {", ...places, server, "}", ""].join("\n"));
  return file;
}

/**
 * One address in front of the processes: Debian's nginx with deploy/nginx.conf.
 * @param {{ nginx: string, folder: string, host: string, port: number, processes: { role: string, port: number }[] }} options
 * @throws {PlainError} with what nginx says of its configuration
 */
export async function startGateway({ nginx, folder, host, port, processes }) {
  mkdirSync(folder, { recursive: true });
  // The workers of nginx are another user's where it was started by root.
  chmodSync(folder, 0o755);
  const file = writeConfiguration(folder, { host, port, processes });
  const checked = await run(nginx, ["-t", "-q", "-e", "stderr", "-c", file]);
  if (checked.code !== 0) throw new PlainError(`nginx does not take deploy/nginx.conf: ${checked.output.trim()}`);
  const child = start(nginx, ["-e", "stderr", "-c", file], { onOutput: (text) => process.stderr.write(text) });
  let ended = false;
  child.once("exit", (code) => {
    ended = true;
    process.stderr.write(`The gateway ended with code ${code}.\n`);
  });
  const answers = () => fetch(`http://${host}:${port}/nginx-health`).catch(() => null);
  while (!ended && !(await answers())) await sleep(50);
  if (ended) throw new PlainError("nginx did not stay: its last lines above say why.");
}
