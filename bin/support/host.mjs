import { createServer } from "node:http";
import { createRequire } from "node:module";
import { readBuildId, root } from "./project.mjs";
import { PlainError } from "./say.mjs";
import { openMetrics } from "./metrics.mjs";
import { takenPort } from "./port.mjs";
import { ensureCronSecret, keepUp } from "./upkeep.mjs";

/** How long answers that have begun may take when the process is asked to end. */
const GRACE_MS = 5_000;
/** Headers by which parts of Next speak to each other; from outside they mean nothing good. */
const INTERNAL_HEADERS = [
  "x-middleware-subrequest",
  "x-middleware-rewrite",
  "x-middleware-next",
  "x-invoke-path",
  "x-invoke-query",
  "x-matched-path",
  "x-action-forwarded",
];

/**
 * Writes down who really called: with no proxy of ours in front, only the socket knows. Next fills `x-forwarded-*` in only where they
 * are missing, so a caller could otherwise choose the address that its limits are counted for.
 */
export function overwriteForwarded(request, trustProxy) {
  for (const name of INTERNAL_HEADERS) delete request.headers[name];
  if (trustProxy) return;
  delete request.headers.forwarded;
  delete request.headers["x-real-ip"];
  request.headers["x-forwarded-for"] = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  request.headers["x-forwarded-host"] = request.headers.host ?? "";
  request.headers["x-forwarded-proto"] = "http";
  request.headers["x-forwarded-port"] = String(request.socket.localPort ?? "");
}

/** Methods that routes are made for; none of them takes another one. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

function isReadable(url) {
  try {
    decodeURIComponent(url);
    return url.startsWith("/");
  } catch {
    return false;
  }
}

/**
 * Next answers with a bare 500 to an address that cannot be decoded, to a host that is none and to a method it has no name for. They are
 * turned into an address that does not exist, this host and a method that nobody takes, so that the door of that address refuses them.
 */
function makeReadable(request) {
  if (!isReadable(request.url)) request.url = request.url.startsWith("/api") ? "/api/undecodable" : "/undecodable";
  if (!METHODS.includes(request.method)) request.method = "DELETE";
  const host = request.headers.host;
  if (host !== undefined && !URL.canParse(`http://${host}/`)) {
    request.headers.host = `localhost:${request.socket.localPort}`;
    request.headers["x-forwarded-host"] = request.headers.host;
  }
}

/** Next listens for upgrades, for its development socket; without a listener Node answers them as plain requests (RFC 9110 section 7.8). */
function refuseUpgrades(server) {
  const add = server.on.bind(server);
  server.on = (event, listener) => (event === "upgrade" ? server : add(event, listener));
  server.addListener = server.on;
}

function listen(server, port, host, command) {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(error.code === "EADDRINUSE" ? takenPort(port, command) : new PlainError(`Cannot listen on port ${port}: ${error.message}`));
    });
    server.listen(port, host, resolve);
  });
}

/**
 * Knows which connections wait for an answer; a browser also opens some that never ask anything, and keeps others open.
 * `drain` takes no new connection, lets running answers finish, and cuts what is left after the grace.
 */
function watchConnections(server) {
  const answers = new Map();
  let draining = false;
  const endIfIdle = (socket) => {
    if (draining && answers.get(socket) === 0) socket.end();
  };
  const count = (socket, change) => {
    if (!answers.has(socket)) return;
    answers.set(socket, answers.get(socket) + change);
    endIfIdle(socket);
  };
  server.on("connection", (socket) => {
    answers.set(socket, 0);
    socket.once("close", () => answers.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    count(socket, 1);
    response.once("close", () => count(socket, -1));
  });
  return function drain() {
    return new Promise((resolve) => {
      draining = true;
      const cut = setTimeout(() => answers.forEach((_waiting, socket) => socket.destroy()), GRACE_MS);
      server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      for (const socket of answers.keys()) endIfIdle(socket);
    });
  };
}

/** The routes keep their connection and what it still has to write on `globalThis` (server/core/db.ts); the process that hosts them ends it. */
async function closeDatabase() {
  if (globalThis.vitrineConnection) for (const work of globalThis.vitrineLastWrites?.values() ?? []) await work();
  const pending = globalThis.vitrineConnection;
  delete globalThis.vitrineConnection;
  const connection = await Promise.resolve(pending).catch(() => null);
  await connection?.close();
}

/**
 * Serves the product from this process: plain `node:http` in front of Next's request handler.
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 * @throws {PlainError} when the port is taken
 */
export async function serve({ dev, port, host, command }) {
  const trustProxy = Number(process.env.TRUST_PROXY) > 0;
  ensureCronSecret();
  if (!dev) process.env.VITRINE_BUILD ||= readBuildId();
  const next = createRequire(import.meta.url)("next");
  const server = createServer();
  if (!dev) refuseUpgrades(server);
  const drain = watchConnections(server);
  await listen(server, port, host, command);
  const closeMetrics = await openMetrics();
  const found = server.address().port;
  const app = next({ dev, dir: root, port: found, hostname: host ?? "localhost", httpServer: server });
  const ready = app.prepare();
  const handle = app.getRequestHandler();
  server.on("request", async (request, response) => {
    overwriteForwarded(request, trustProxy);
    makeReadable(request);
    await ready;
    await handle(request, response);
  });
  await ready;
  const endUpkeep = keepUp({ port: found, host });
  return {
    port: found,
    async close() {
      endUpkeep();
      await drain();
      await app.close();
      await closeDatabase();
      // The routes keep what writes spans on `globalThis`, too (server/core/tracing.ts).
      await globalThis.vitrineTracing?.end().catch(() => undefined);
      await closeMetrics();
    },
  };
}
