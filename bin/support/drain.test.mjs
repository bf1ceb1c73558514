import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { watchConnections } from "./drain.mjs";

const ends = [];
afterEach(() => {
  delete globalThis.vitrineEnding;
  for (const end of ends.splice(0)) end();
});

/** A server whose answers wait until they are let go. */
async function listen(options) {
  const server = createServer();
  const drain = watchConnections(server, options);
  const waiting = [];
  server.on("request", (_request, response) => waiting.push(() => response.end("done")));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const agent = new Agent({ keepAlive: true });
  ends.push(() => (agent.destroy(), server.closeAllConnections(), server.close()));
  const { port } = server.address();
  const ask = async () => {
    const sent = request({ port, host: "127.0.0.1", agent });
    sent.end();
    const [response] = await once(sent, "response");
    let body = "";
    for await (const part of response) body += part;
    return { body, connection: response.headers.connection };
  };
  return { drain, waiting, ask, port };
}

async function isRefused(port) {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => (socket.destroy(), resolve(false)));
    socket.once("error", ({ code }) => resolve(code === "ECONNREFUSED"));
  });
}

describe("a process that is asked to end", () => {
  it("is not ready from that moment on, and ends at once when nobody is connected", async () => {
    const { drain, port } = await listen({ lameMs: 60_000 });
    const drained = drain();
    expect(globalThis.vitrineEnding).toBe(true);
    await drained;
    expect(await isRefused(port)).toBe(true);
  });

  it("finishes what runs, goes on taking calls for a moment, and tells each caller to come back elsewhere", async () => {
    const { drain, waiting, ask } = await listen({ lameMs: 300, graceMs: 5_000 });
    const first = ask();
    await expect.poll(() => waiting.length).toBe(1);
    const drained = drain();
    const second = ask();
    await expect.poll(() => waiting.length).toBe(2);
    for (const letGo of waiting) letGo();
    expect(await first).toEqual({ body: "done", connection: "close" });
    expect(await second).toEqual({ body: "done", connection: "close" });
    await drained;
  });

  it("lets a slow reader have the whole of an answer that is written, but not yet sent", async () => {
    const size = 16 * 1024 * 1024;
    const server = createServer((_request, response) => response.end(Buffer.alloc(size)));
    const drain = watchConnections(server, { lameMs: 1, graceMs: 10_000 });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ends.push(() => server.closeAllConnections());
    const sent = request({ port: server.address().port, host: "127.0.0.1" });
    sent.end();
    const [response] = await once(sent, "response");
    const drained = drain();
    // Nobody takes a new connection any more: the answer is all that is left.
    await expect.poll(() => isRefused(sent.socket.remotePort)).toBe(true);
    let read = 0;
    for await (const part of response) read += part.length;
    expect(read).toBe(size);
    await drained;
  });

  it("cuts what takes longer than the grace", async () => {
    const { drain, waiting, ask } = await listen({ lameMs: 1, graceMs: 20 });
    const never = ask().then(() => "answered", () => "cut");
    await expect.poll(() => waiting.length).toBe(1);
    await drain();
    expect(await never).toBe("cut");
  });
});

it("a connection that sends call after call and reads no answer is cut, and none of those is worked on that were behind the last one allowed", async () => {
  const server = createServer();
  watchConnections(server);
  let answered = 0;
  server.on("request", ({ socket: { destroyed } }, response) => {
    if (destroyed) return;
    answered += 1;
    response.end(Buffer.alloc(1024 * 1024));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => (server.closeAllConnections(), server.close()));
  const socket = connect(server.address().port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n".repeat(500));
  await once(socket.resume(), "close");
  expect(answered).toBe(16);
});
