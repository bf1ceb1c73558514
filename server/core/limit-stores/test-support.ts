import "server-only";
import { execFile, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Whether there is a Redis on this machine to test with. */
export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

export interface RunningStore {
  /** What configures a process to count there. */
  variables: Record<string, string>;
  stop: () => Promise<void>;
}

async function findPort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A Redis of its own that keeps nothing on disk. */
export async function startRedis(port?: number): Promise<RunningStore & { port: number }> {
  const chosen = port ?? (await findPort());
  const options = ["--port", String(chosen), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", options, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const text of server.stdout) if (String(text).includes("Ready to accept connections")) break;
  const stop = async () => {
    server.kill("SIGKILL");
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
  };
  return { port: chosen, variables: { REDIS_URL: `redis://127.0.0.1:${chosen}` }, stop };
}

const TOKEN = "a-token-of-this-test";

/** How the stand-in behaves: as it should, after three seconds, not at all, cut off, or as something else than the service would. */
export type Mood = "well" | "slow" | "silent" | "cut" | "strange";
const SLOW_MS = 3_000;

export interface UpstashStandIn extends RunningStore {
  /** The bodies and headers of all calls so far. */
  calls: { command: unknown[]; headers: IncomingMessage["headers"] }[];
  behave: (mood: Mood) => void;
}

/**
 * What the two scripts of a fixed window do, on numbers in memory; nothing else of Redis is known here. Counts never expire: a
 * window has keys of its own, and tests are over before it matters.
 */
class Counters {
  readonly #values = new Map<string, number>();
  readonly #scripts = new Map<string, string>();

  run([name, script = "", , key = "", quota = "", , rate]: string[]): { result: unknown } | { error: string } {
    if (name === "eval") this.#scripts.set(createHash("sha1").update(script).digest("hex"), script);
    const text = name === "eval" ? script : this.#scripts.get(script);
    if (text === undefined) return { error: "NOSCRIPT No matching script. Please use EVAL." };
    const value = this.#values.get(key) ?? 0;
    if (!text.includes("INCRBY")) return { result: [Number(quota) - value, Number(quota)] };
    this.#values.set(key, value + Number(rate));
    return { result: [value + Number(rate), Number(quota)] };
  }
}

async function readBody(request: IncomingMessage): Promise<string[]> {
  let text = "";
  for await (const part of request) text += String(part);
  return (JSON.parse(text) as unknown[]).map(String);
}

/** Upstash's REST protocol for single commands, spoken by this process; behind it are numbers in memory. */
export async function startUpstash(): Promise<UpstashStandIn> {
  const counters = new Counters();
  const calls: UpstashStandIn["calls"] = [];
  let mood: Mood = "well";
  const server = createServer((request, response) => {
    void readBody(request).then(async (command) => {
      calls.push({ command, headers: request.headers });
      if (mood === "silent") return;
      if (mood === "slow") await sleep(SLOW_MS);
      if (mood === "cut") return request.socket.destroy();
      const allowed = request.headers.authorization === `Bearer ${TOKEN}`;
      const answer = allowed ? counters.run(command) : { error: "WRONGPASS invalid or missing auth token" };
      const status = allowed ? ("error" in answer ? 400 : 200) : 401;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(mood === "strange" ? { result: "QWJvcnRlZA==" } : answer));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  const variables = { UPSTASH_REDIS_REST_URL: `http://127.0.0.1:${port}`, UPSTASH_REDIS_REST_TOKEN: TOKEN };
  return { variables, calls, behave: (chosen) => void (mood = chosen), stop };
}

/** The commands in what a client sent; each comes whole, because they are small. */
function readCommands(text: string): string[][] {
  const lines = text.split("\r\n");
  const commands: string[][] = [];
  for (let at = 0; lines[at]?.startsWith("*"); ) {
    const count = Number(lines[at]?.slice(1));
    commands.push(Array.from({ length: count }, (_none, index) => lines[at + 2 + index * 2] ?? ""));
    at += 1 + count * 2;
  }
  return commands;
}

function toReply(counters: Counters, command: string[]): string {
  const name = command[0]?.toLowerCase() ?? "";
  if (!name.startsWith("eval")) return "+OK\r\n";
  const answer = counters.run([name, ...command.slice(1)]);
  if ("error" in answer) return `-${answer.error}\r\n`;
  const values = Array.isArray(answer.result) ? answer.result : [answer.result];
  return `*${values.length}\r\n${values.map((value) => `:${String(value)}\r\n`).join("")}`;
}

/** A server that speaks as much of Redis' protocol as counting takes, and can be slow or say nothing as a real one cannot be made to. */
export async function startRedisStandIn(): Promise<RunningStore & Pick<UpstashStandIn, "behave">> {
  const counters = new Counters();
  const sockets = new Set<Socket>();
  let mood: Mood = "well";
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      void (async () => {
        if (mood === "silent") return;
        const replies = readCommands(String(data)).map((command) => toReply(counters, command));
        if (mood === "slow") await sleep(SLOW_MS);
        socket.write(replies.join(""));
      })();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { variables: { REDIS_URL: `redis://127.0.0.1:${port}` }, behave: (chosen) => void (mood = chosen), stop };
}

const FLOOD = `
  Date.now = () => Number(process.env.NOW);
  const { assertLimits } = await import("@/server/core/limits");
  const takes = [{ policy: "customer_rows", cost: 1, quota: 60 }];
  const calls = Array.from({ length: 100 }, () => assertLimits("customer:flood", takes));
  const outcomes = await Promise.allSettled(calls);
  const passed = outcomes.filter(({ status, value }) => status === "fulfilled" && value.has("RateLimit"));
  const refused = outcomes.filter(({ reason }) => reason?.code === "rate_limited");
  process.stdout.write(JSON.stringify({ passed: passed.length, refused: refused.length }), () => process.exit());
`;

/** Runs 100 calls at once against a limit of 60, in a process of its own that runs the project's code. */
export async function floodFromProcess(variables: Record<string, string>): Promise<{ passed: number; refused: number }> {
  const options = ["--conditions=react-server", "--import", "tsx", "--input-type=module", "--eval", FLOOD];
  const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: ROOT, env: { ...process.env, ...variables } });
  return JSON.parse(stdout) as { passed: number; refused: number };
}
