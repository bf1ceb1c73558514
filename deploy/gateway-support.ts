import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderGateway } from "./test-support";

/** Why nothing of the gateway could be tried; null where nginx is there. */
export const MISSING = spawnSync("nginx", ["-v"]).error ? "nginx is not installed: the gateway's configuration was NOT tried" : null;

export interface Seen {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  bytes: number;
}

/** A process behind the gateway: says who it is, and keeps what it was asked. */
export interface Upstream {
  port: number;
  seen: Seen[];
  /** What it does with a call that has come in whole, in place of an answer. */
  act: ((request: IncomingMessage, response: ServerResponse) => void) | null;
  close: () => Promise<void>;
}

export async function startUpstream(name: string, port = 0): Promise<Upstream> {
  const server: Server = createServer(async (incoming, response) => {
    let bytes = 0;
    for await (const part of incoming) bytes += Buffer.isBuffer(part) ? part.length : 0;
    upstream.seen.push({ method: incoming.method ?? "", url: incoming.url ?? "", headers: incoming.headers, bytes });
    if (upstream.act) return upstream.act(incoming, response);
    response.writeHead(200, { "content-type": "application/json", "x-served-by": name });
    response.end(JSON.stringify({ name, filler: "x".repeat(2_000) }));
  });
  const upstream: Upstream = {
    port: 0,
    seen: [],
    act: null,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  upstream.port = (server.address() as AddressInfo).port;
  return upstream;
}

async function findFreePort(): Promise<number> {
  const { port, close } = await startUpstream("nobody");
  await close();
  return port;
}

/** Resolves when somebody listens. */
async function waitForListener(port: number, nginx: ChildProcess): Promise<void> {
  for (;;) {
    if (nginx.exitCode !== null) throw new Error("nginx ended.");
    const socket = connect(port, "127.0.0.1");
    const answered = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(
      () => false,
    );
    socket.destroy();
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Servers {
  site: number[];
  api: number[];
  admin: number[];
  /** Lines of the file that says who reaches the console. */
  allow: string;
}

/** The configuration in a folder of its own, with what nginx wants around it. */
async function writeGateway({ site, api, admin, allow }: Servers): Promise<{ folder: string; port: number; file: string }> {
  const [folder, port] = [mkdtempSync(join(tmpdir(), "vitrine-gateway-")), await findFreePort()];
  const list = (ports: number[]) => ports.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join(" ");
  const [allowFile, inner, file] = ["allow.conf", "vitrine.conf", "nginx.conf"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(allowFile, allow);
  const text = renderGateway({
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    GATEWAY_LOG: join(folder, "access.log"),
    ADMIN_ALLOW_FILE: allowFile,
    SITE_SERVERS: list(site),
    API_SERVERS: list(api),
    ADMIN_SERVERS: list(admin),
  });
  writeFileSync(inner, text);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join(" ");
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const main = `${user} daemon off; worker_processes 1; pid ${join(folder, "pid")}; error_log ${join(folder, "error.log")};`;
  writeFileSync(file, `${main}\nevents { worker_connections 512; }\nhttp { ${temporary} include ${inner}; }\n`);
  return { folder, port, file };
}

/** What nginx says of the configuration. */
export async function testConfiguration(): Promise<string> {
  const { folder, file } = await writeGateway({ site: [3001], api: [3002, 3003], admin: [3004], allow: "192.0.2.0/24 1;" });
  const { stderr } = spawnSync("nginx", ["-t", "-p", folder, "-c", file, "-e", "stderr"], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return stderr;
}

export interface Gateway {
  port: number;
  folder: string;
  close: () => Promise<void>;
}

export async function startGateway(servers: Servers): Promise<Gateway> {
  const { folder, port, file } = await writeGateway(servers);
  const nginx = spawn("nginx", ["-p", folder, "-c", file, "-e", "stderr"], { stdio: "ignore" });
  await waitForListener(port, nginx);
  return {
    port,
    folder,
    async close() {
      nginx.kill("SIGTERM");
      if (nginx.exitCode === null) await once(nginx, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends a path as it is written, which `fetch` would put in order first. */
export async function call(
  port: number,
  path: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: Buffer | string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const sent = request({ host: "127.0.0.1", port, path, method, headers: { ...length, ...headers }, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString("utf8") }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
