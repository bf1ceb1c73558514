import { createServer } from "node:http";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { END_MS, watchConnections } from "./drain.mjs";
import { loadApi } from "./api.mjs";
import { consoleRule } from "./console-networks.mjs";
import { openMetrics } from "./metrics.mjs";
import { PageTurns } from "./page-turns.mjs";
import { requireFreePort, takenPort } from "./port.mjs";
import { readBuildId, root } from "./project.mjs";
import { fileRule, hostsApi, servesConsole, servesPages } from "./role.mjs";
import { PlainError } from "./say.mjs";
import { ensureCronSecret, keepUp } from "./upkeep.mjs";

/** Longer than a proxy keeps a connection (nginx: 60 s), so that it is the proxy that closes: no call may meet a connection that just went. */
const KEEP_ALIVE_MS = 75_000;
/** A connection on which nothing moves for so long, while something is to be sent or read, is cut: within twice that, because Node looks so often. */
const STALLED_MS = 60_000;
/** Headers by which parts of Next speak to each other; from outside they mean nothing good. */
const INTERNAL_HEADERS = [
  "x-middleware-subrequest",
  "x-middleware-rewrite",
  "x-middleware-next",
  "x-middleware-prefetch",
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
    if (url.includes("%")) decodeURIComponent(url);
    return url.startsWith("/");
  } catch {
    return false;
  }
}

/** Names, addresses and ports alone: put in front of a path, anything else could change what the path is. */
function isHost(text) {
  return /^[A-Za-z0-9._:[\]-]{1,255}$/.test(text) && URL.canParse(`http://${text}/`);
}

/** The whole address as a target (RFC 9112 section 3.2.2): its host counts, not that of the header. */
export function takeOrigin(request) {
  if (!/^https?:\/\//i.test(request.url) || !URL.canParse(request.url)) return;
  const { host, pathname, search } = new URL(request.url);
  request.url = pathname + search;
  request.headers.host = host;
}

/** The last one that could be read: nearly all calls name the same. */
let lastHost;

/**
 * Next answers with a bare 500 to an address that cannot be decoded, to a host that is none and to a method it has no name for. They are
 * turned into an address that does not exist, this host and a method that nobody takes, so that the door of that address refuses them.
 */
function makeReadable(request) {
  if (!isReadable(request.url)) request.url = request.url.startsWith("/api") ? "/api/undecodable" : "/undecodable";
  if (!METHODS.includes(request.method)) request.method = "DELETE";
  const host = request.headers.host;
  if (host !== undefined && host !== lastHost && !isHost(host)) {
    request.headers.host = `localhost:${request.socket.localPort}`;
    request.headers["x-forwarded-host"] = request.headers.host;
  } else lastHost = host;
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

/** The routes keep their connection and what it still has to write on `globalThis` (server/core/db.ts); the process that hosts them ends it. */
async function closeDatabase() {
  if (globalThis.vitrineConnection) for (const work of globalThis.vitrineLastWrites?.values() ?? []) await work();
  const pending = globalThis.vitrineConnection;
  delete globalThis.vitrineConnection;
  const connection = await Promise.resolve(pending).catch(() => null);
  await connection?.close();
}

function refuse(response) {
  response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" });
  response.end("There is nothing at this address.\n");
}

/** Next, for the pages, the console, and the API where nothing answers it before. */
async function prepareNext({ dev, port, host, server }) {
  const next = createRequire(import.meta.url)("next");
  const app = next({ dev, dir: root, port, hostname: host ?? "localhost", httpServer: server });
  await app.prepare();
  return { handle: app.getRequestHandler(), close: () => app.close() };
}

/** @throws {PlainError} when a variable is wrong */
function beginAlone(api) {
  try {
    api.begin();
  } catch (error) {
    throw new PlainError(error.message);
  }
}

/** No page has this address, and none can get it. */
const NOWHERE = "/-/nowhere";

/** Next behind everything that is to be found out before it. */
function servePages(pages, trustedProxies) {
  const turns = new PageTurns({ proxies: trustedProxies });
  const isHidden = consoleRule(trustedProxies);
  const servesFile = fileRule();
  return (request, response) => {
    if (isHidden(request)) request.url = NOWHERE;
    if (!servesFile(request.url)) return refuse(response);
    return turns.take(request, response, () => pages.handle(request, response));
  };
}

/** What Node cannot read as a call; amid another answer (`_httpMessage`, as Node asks itself) nothing can be said any more. */
function refuseUnreadable(api, error, socket) {
  if (!socket.writable || socket._httpMessage) socket.destroy(error);
  else api.answerUnreadable(error, socket);
}

/** Answers are given once everything is prepared, and no connection is taken before. @returns what closes it */
async function prepare(options) {
  const { dev, server } = options;
  const api = !dev && hostsApi() ? await loadApi() : null;
  const pages = api && !servesPages() ? null : await prepareNext(options);
  if (!pages) beginAlone(api);
  const trustedProxies = Number(process.env.TRUST_PROXY) || 0;
  const trustProxy = trustedProxies > 0;
  const answerPage = pages ? servePages(pages, trustedProxies) : (_request, response) => refuse(response);
  if (trustProxy) server.keepAliveTimeout = KEEP_ALIVE_MS;
  const servesFile = fileRule();
  server.timeout = STALLED_MS;
  server.on("request", (request, response) => {
    if (request.socket.destroyed) return;
    takeOrigin(request);
    overwriteForwarded(request, trustProxy);
    makeReadable(request);
    if (!servesFile(request.url)) return refuse(response);
    if (api?.isApiAddress(request)) return api.answerIncoming(request, response);
    return answerPage(request, response);
  });
  if (api) server.on("clientError", (error, socket) => refuseUnreadable(api, error, socket));
  // What is expected besides `100-continue` may be left out of account (RFC 9110 section 10.1.1).
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  return async () => pages?.close();
}

/**
 * Serves the product from this process, or the part of it that ROLE names: plain `node:http` that answers the API by itself, in front of
 * Next's request handler for everything else.
 * @returns {Promise<{ port: number, close: () => Promise<void> }>} `close` finishes what runs, in ten seconds at most
 * @throws {PlainError} when the port is taken
 */
export async function serve({ dev, port, host, command }) {
  if (servesConsole()) ensureCronSecret();
  if (!dev) process.env.VITRINE_BUILD ||= readBuildId();
  const found = await requireFreePort(port, host, command);
  const server = createServer();
  if (!dev) refuseUpgrades(server);
  const drain = watchConnections(server);
  const closePages = await prepare({ dev, port: found, host, server });
  await listen(server, found, host, command);
  const closeMetrics = await openMetrics();
  const endUpkeep = servesConsole() ? keepUp({ port: found, host, firstPage: !dev }) : () => {};
  const end = async () => {
    endUpkeep();
    await drain();
    await closePages();
    await closeDatabase();
    // The routes keep what writes spans on `globalThis`, too (server/core/tracing.ts).
    await globalThis.vitrineTracing?.end().catch(() => undefined);
    await closeMetrics();
  };
  return { port: found, close: () => Promise.race([end(), sleep(END_MS, undefined, { ref: false })]) };
}
