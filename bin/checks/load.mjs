/** Calls of customers at a steady rate, or as many as there can be, and what became of them. */
import { Agent, request } from "node:http";

const PATIENCE_MS = 10_000;
const TICK_MS = 20;
const MOST_FAILURES_KEPT = 5;

/** @returns {Promise<{ status: number, body: string }>} status 0 where there was no answer */
export function ask(agent, address, { path = "/", method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve) => {
    const sent = request(`${address}${path}`, { agent, method, headers, timeout: PATIENCE_MS }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (more) => (text += more));
      response.on("end", () => resolve({ status: response.statusCode, body: text, headers: response.headers }));
      response.on("error", (error) => resolve({ status: 0, body: error.code ?? error.message, headers: {} }));
    });
    sent.on("timeout", () => sent.destroy(new Error("not answered in time")));
    sent.on("error", (error) => resolve({ status: 0, body: error.code ?? error.message, headers: {} }));
    sent.end(body);
  });
}

/** A prediction of each published model, by its own first example. @throws {Error} when the models cannot be read */
export async function readCalls(address) {
  const get = async (path) => {
    const response = await fetch(`${address}${path}`);
    if (!response.ok) throw new Error(`${path} answers ${response.status}`);
    return response.json();
  };
  const { data } = await get("/api/v1/models");
  const details = await Promise.all(data.map(({ slug }) => get(`/api/v1/models/${slug}`)));
  const headers = { "content-type": "application/json" };
  return details.map(({ slug, live }) => {
    return { path: `/api/v1/models/${slug}/predictions`, method: "POST", headers, body: JSON.stringify({ input: live.examples[0].input }) };
  });
}

/** Calls without a pause until it is ended. @returns {() => Promise<{ sent: number, failed: number, lines: string[], slowest: number, rate: number }>} */
function run(address, calls, begin) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const tally = { sent: 0, failed: 0, lines: [], slowest: 0 };
  const waiting = new Set();
  const began = performance.now();
  const send = () => {
    const call = calls[tally.sent++ % calls.length];
    const started = performance.now();
    const asked = ask(agent, address, call).then(({ status, body }) => {
      tally.slowest = Math.max(tally.slowest, performance.now() - started);
      waiting.delete(asked);
      if (status === 200) return;
      tally.failed += 1;
      if (tally.lines.length < MOST_FAILURES_KEPT) tally.lines.push(`${call.method ?? "GET"} ${call.path}: ${status} ${body.slice(0, 120)}`);
    });
    waiting.add(asked);
    return asked;
  };
  const stop = begin(send, tally);
  return async () => {
    stop();
    const seconds = (performance.now() - began) / 1_000;
    await Promise.all(waiting);
    agent.destroy();
    return { ...tally, slowest: Math.round(tally.slowest), rate: Math.round(tally.sent / seconds) };
  };
}

/** So many calls a second, however long their answers take. */
export function callSteadily(address, calls, perSecond) {
  return run(address, calls, (send, tally) => {
    const began = performance.now();
    const timer = setInterval(() => {
      while (tally.sent < ((performance.now() - began) / 1_000) * perSecond) void send();
    }, TICK_MS);
    return () => clearInterval(timer);
  });
}

/** So many callers, each with its next call as soon as it has an answer. */
export function callConstantly(address, calls, callers) {
  return run(address, calls, (send) => {
    let running = true;
    const work = async () => {
      while (running) await send();
    };
    for (let caller = 0; caller < callers; caller++) void work();
    return () => (running = false);
  });
}
