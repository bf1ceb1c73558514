import { setTimeout as sleep } from "node:timers/promises";

/** How long a process that was asked to end goes on taking calls, so that whoever sends them learns that it ends. */
const LAME_MS = 1_000;
/** How long answers that have begun may take after that. */
const GRACE_MS = 5_000;
/** All of it together, with what has to be written to the database; a supervisor kills after ten seconds. */
export const END_MS = 9_500;
/** Calls that a connection may have waiting for their answers. Who sends more without reading fills this process with what it will never read. */
const MOST_WAITING = 16;

/**
 * Knows which connections wait for an answer; a browser also opens some that never ask anything, and keeps others open. One that lets too
 * many calls wait is cut: whoever answers a call looks first whether its socket is destroyed.
 * @returns {() => Promise<void>} drains: readiness fails from now on (server/core/ending.ts); as long as somebody is connected, calls are
 *   taken for a moment more, each answer with `Connection: close`; then no connection is taken, running answers finish, and what is left
 *   after the grace is cut
 */
export function watchConnections(server, { lameMs = LAME_MS, graceMs = GRACE_MS } = {}) {
  const answers = new Map();
  let ending = false;
  let closing = false;
  const endIfIdle = (socket) => {
    if (closing && answers.get(socket)?.size === 0) socket.end();
  };
  server.on("connection", (socket) => {
    answers.set(socket, new Set());
    socket.once("close", () => answers.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    if (ending) response.shouldKeepAlive = false;
    const waiting = answers.get(socket);
    waiting?.add(response);
    if (waiting && waiting.size > MOST_WAITING) socket.destroy();
    response.once("close", () => {
      answers.get(socket)?.delete(response);
      endIfIdle(socket);
    });
  });
  return async function drain() {
    ending = true;
    globalThis.vitrineEnding = true;
    for (const running of answers.values()) for (const response of running) response.shouldKeepAlive = false;
    if (answers.size > 0) await sleep(lameMs);
    closing = true;
    await new Promise((resolve) => {
      const cut = setTimeout(() => answers.forEach((_running, socket) => socket.destroy()), graceMs);
      // To Node, a connection is idle once its answer is written, also while most of that still waits for a slow reader.
      server.closeIdleConnections = () => {};
      server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      for (const socket of answers.keys()) endIfIdle(socket);
    });
  };
}
