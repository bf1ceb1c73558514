import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openMetrics } from "@/bin/support/metrics.mjs";
import { requireFreePort } from "@/bin/support/port.mjs";
import { askDoor, createSignedIn } from "@/server/admin/test-support";
import { handleLivez } from "@/server/api/health";
import { loadDemoModels, newAddress, ORIGIN, post, readExampleInput, send, useOwnDatabase } from "@/server/api/test-support";
import { handleTrpc } from "@/server/api/trpc";
import { countInProgress, startMetrics } from "@/server/core/process-metrics";

let url: string;
let close: () => Promise<void>;
let churn: Record<string, unknown>;

beforeAll(async () => {
  const port = await requireFreePort(0, "127.0.0.1", "npm test");
  vi.stubEnv("METRICS_PORT", String(port));
  vi.stubEnv("VITRINE_BUILD", 'build "7"');
  await useOwnDatabase("process-metrics", process.env.MONGODB_URI);
  await loadDemoModels();
  churn = await readExampleInput("customer-churn");
  close = await openMetrics();
  url = `http://127.0.0.1:${port}/metrics`;
}, 60_000);
afterAll(() => close());

/** The samples that a scraper reads, by their names and labels. */
async function scrape(): Promise<Map<string, number>> {
  const response = await fetch(url);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

const CHURN = "/api/v1/models/customer-churn/predictions";
const asked = (model: string, version: string, arm: string) => `surface="api",model="${model}",version="${version}",arm="${arm}"`;
const live = asked("customer-churn", "1", "live");
const none = asked("", "", "");

describe("the metrics of a process", () => {
  it("are not there before they are counted, and then are what this process answered, by surface, model and status", async () => {
    await post(CHURN, { input: churn });
    expect((await fetch(url)).status).toBe(503);
    startMetrics();
    const operator = await createSignedIn("viewer");
    await post(CHURN, { inputs: [churn, churn, churn] });
    await post(CHURN, { input: { nope: 1 } });
    await send("/api/v1/models");
    await askDoor("me.get", {}, operator.page);
    const body = JSON.stringify({ 0: { model: "customer-churn", input: churn }, 1: { model: "customer-churn", input: churn } });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body };
    await handleTrpc(new Request(`${ORIGIN}/api/trpc/predict.run,predict.run?batch=1`, init), newAddress());
    await handleLivez(new Request(`${ORIGIN}/api/livez`));
    const samples = await scrape();
    const requests = [...samples].filter(([name]) => name.startsWith("vitrine_request_total{"));
    expect(Object.fromEntries(requests)).toEqual({
      [`vitrine_request_total{${live},code="200"}`]: 3,
      [`vitrine_request_total{${live},code="422"}`]: 1,
      [`vitrine_request_total{${none},code="200"}`]: 1,
      'vitrine_request_total{surface="console",model="",version="",arm="",code="200"}': 1,
    });
    expect([...samples].filter(([name]) => name.startsWith("vitrine_inference_total{"))).toEqual([[`vitrine_inference_total{${live}}`, 5]]);
  });

  it("tell durations as buckets that grow to all calls that were not refused", async () => {
    const samples = await scrape();
    const buckets = [...samples].filter(([name]) => name.startsWith(`vitrine_request_duration_seconds_bucket{${live}`)).map(([, value]) => value);
    expect(buckets).toHaveLength(17);
    expect(buckets).toEqual(buckets.toSorted((one, other) => one - other));
    expect(buckets.at(-1)).toBe(3);
    expect(samples.get(`vitrine_request_duration_seconds_count{${live}}`)).toBe(3);
    const seconds = samples.get(`vitrine_request_duration_seconds_sum{${live}}`) ?? 0;
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(60);
  });

  it("tell what is in progress, and what the process and the build are", async () => {
    countInProgress("api", 1);
    const samples = await scrape();
    expect(samples.get('vitrine_request_in_progress{surface="api"}')).toBe(1);
    expect(samples.get('vitrine_request_in_progress{surface="console"}')).toBe(0);
    countInProgress("api", -1);
    expect((await scrape()).get('vitrine_request_in_progress{surface="api"}')).toBe(0);
    expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
    expect(samples.get("nodejs_eventloop_lag_p99_seconds")).toBeLessThan(60);
    expect(samples.get(`vitrine_build_info{build="build \\"7\\"",role="all",node="${process.versions.node}"}`)).toBe(1);
  });

  it("are at one address, to be read only", async () => {
    expect((await fetch(new URL("/", url))).status).toBe(404);
    expect((await fetch(new URL("/api/v1", url))).status).toBe(404);
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
    const head = await fetch(url, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("stop the start where somebody else has their port", async () => {
    await expect(openMetrics()).rejects.toThrow(/METRICS_PORT \d+: .*EADDRINUSE/);
  });
});
