import { beforeAll, describe, expect, it, vi } from "vitest";
import { handleConsoleLivez, handleConsoleReadyz } from "@/server/admin/health";
import { handleMetrics } from "@/server/admin/metrics";
import { createSignedIn, type Headers } from "@/server/admin/test-support";
import { createCustomer, ORIGIN, useOwnDatabase } from "@/server/api/test-support";
import { writeTraffic } from "@/server/modules/traffic/service";
import { recordCalls } from "@/server/modules/traffic/test-support";

const SECRET = "a scheduler's secret of some length".replaceAll(" ", "-");
vi.stubEnv("CRON_SECRET", SECRET);

const ask = async (headers: Headers = {}, method = "GET") => handleMetrics(new Request(`${ORIGIN}/admin/metrics`, { method, headers }));

/** The samples by their names and labels. */
async function readSamples(): Promise<Map<string, number>> {
  const text = await (await ask({ authorization: `Bearer ${SECRET}` })).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

const labels = (model: string, version: string, arm: string) => `surface="api",model="${model}",version="${version}",arm="${arm}"`;

beforeAll(async () => {
  await useOwnDatabase("console-metrics", process.env.MONGODB_URI);
  recordCalls(5, { model: "churn", milliseconds: 10 });
  recordCalls(3, { model: "churn", arm: "candidate", version: 2, milliseconds: 300 });
  recordCalls(2, { model: "churn", status: 429, code: "rate_limited" });
  recordCalls(1, { model: null, version: null, arm: null, route: "/api/v1/models", status: 503, code: "database_unavailable", rows: null });
  await writeTraffic();
});

describe("/admin/metrics", () => {
  it("answers the scheduler's secret or a reader who is signed in, and nobody else", async () => {
    const operator = await createSignedIn("viewer");
    expect((await ask({ authorization: `Bearer ${SECRET}` })).status).toBe(200);
    expect((await ask(operator.page)).status).toBe(200);
    expect((await ask()).status).toBe(401);
    expect((await ask((await createCustomer()).page)).status).toBe(401);
    expect((await ask({ authorization: `Bearer ${SECRET}x` })).status).toBe(401);
    // A wrong secret is not made good by a session: a scraper that is misconfigured must be noticed.
    expect((await ask({ ...operator.page, authorization: "Bearer wrong" })).status).toBe(401);
    expect((await ask(operator.page, "POST")).status).toBe(405);
  });

  it("counts each call once, by model, version, arm and what became of it", async () => {
    const samples = await readSamples();
    const requests = (of: string, outcome: string) => samples.get(`vitrine_request_total{${of},outcome="${outcome}"}`);
    expect(requests(labels("churn", "1", "live"), "answered")).toBe(5);
    expect(requests(labels("churn", "1", "live"), "limited")).toBe(2);
    expect(requests(labels("churn", "1", "live"), "refused")).toBe(0);
    expect(requests(labels("churn", "2", "candidate"), "answered")).toBe(3);
    expect(requests(labels("", "", ""), "failed")).toBe(1);
    const all = [...samples].filter(([name]) => name.startsWith('vitrine_request_total{surface="api"')).reduce((sum, [, value]) => sum + value, 0);
    expect(all).toBe(11);
  });

  it("tells latencies as cumulative buckets that end with all calls", async () => {
    const samples = await readSamples();
    const of = labels("churn", "2", "candidate");
    const bucket = (le: string) => samples.get(`vitrine_request_duration_seconds_bucket{${of},le="${le}"}`);
    expect([bucket("0.256"), bucket("0.512"), bucket("65.536"), bucket("+Inf")]).toEqual([0, 3, 3, 3]);
    expect(samples.get(`vitrine_request_duration_seconds_count{${of}}`)).toBe(3);
  });

  it("tells calls without a result by reason, and the processes that report", async () => {
    const samples = await readSamples();
    const error = 'vitrine_request_error_total{surface="api",code="database_unavailable",route="/api/v1/models",status="503"}';
    expect(samples.get(error)).toBe(1);
    expect([...samples.keys()].some((name) => name.startsWith("vitrine_process_up{"))).toBe(true);
  });

  it("holds no customer, key, address or secret", async () => {
    const text = await (await ask({ authorization: `Bearer ${SECRET}` })).text();
    expect(text).not.toMatch(/cus_|key_|req_|@|127\.0/);
    expect(text).not.toContain(SECRET);
  });
});

describe("the console's own health", () => {
  it("is told to probes without a session", async () => {
    const live = await handleConsoleLivez(new Request(`${ORIGIN}/admin/livez`));
    expect([live.status, await live.json()]).toEqual([200, { status: "ok", checks: {} }]);
    const ready = await handleConsoleReadyz(new Request(`${ORIGIN}/admin/readyz`));
    expect([ready.status, (await ready.json()).checks.database.status]).toEqual([200, "ok"]);
  });
});
