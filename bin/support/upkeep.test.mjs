import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ensureCronSecret, keepUp } from "./upkeep.mjs";

const running = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const end of running.splice(0)) await end();
});

/** A server that answers when it is told to, and knows what it was asked. */
async function listen(answer) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push({ method: request.method, url: request.url, authorization: request.headers.authorization });
    answer(response, asked.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, port: server.address().port };
}

function start(options) {
  const end = keepUp({ firstMs: 1, everyMs: 1, ...options });
  running.unshift(end);
  return end;
}

describe("ensureCronSecret", () => {
  it("makes up a secret where none is configured, and leaves a configured one alone", () => {
    vi.stubEnv("CRON_SECRET", "");
    ensureCronSecret();
    const made = process.env.CRON_SECRET;
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    ensureCronSecret();
    expect(process.env.CRON_SECRET).toBe(made);
  });
});

describe("keepUp", () => {
  it("calls the upkeep again and again with the secret, also when a call is refused", async () => {
    vi.stubEnv("CRON_SECRET", "a secret of sixteen");
    const { asked, port } = await listen((response, count) => response.writeHead(count === 1 ? 500 : 200).end("{}"));
    start({ port });
    await expect.poll(() => asked.length).toBeGreaterThan(2);
    expect(asked[0]).toEqual({ method: "POST", url: "/admin/jobs/upkeep", authorization: "Bearer a secret of sixteen" });
  });

  it("asks for a first page once, which sees no secret", async () => {
    const { asked, port } = await listen((response) => response.end("{}"));
    start({ port });
    await expect.poll(() => asked.length).toBeGreaterThan(3);
    const pages = asked.filter(({ method }) => method === "GET");
    expect(pages).toEqual([{ method: "GET", url: "/admin/sign-in", authorization: undefined }]);
  });

  it("never has two calls under way", async () => {
    const waiting = [];
    const { asked, port } = await listen((response) => waiting.push(response));
    start({ port });
    await expect.poll(() => asked.length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked.length).toBe(1);
    waiting[0].end("{}");
    await expect.poll(() => asked.length).toBe(2);
  });

  it("ends with the call that is under way, and calls no more", async () => {
    let cut = false;
    const { asked, port } = await listen((response) => response.once("close", () => (cut = true)));
    const end = start({ port });
    await expect.poll(() => asked.length).toBe(1);
    end();
    await expect.poll(() => cut).toBe(true);
    expect(asked.length).toBe(1);
  });
});
