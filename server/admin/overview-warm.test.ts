import { beforeAll, expect, it, vi } from "vitest";
import { handleUpkeep } from "@/server/admin/jobs";
import { warmOverview } from "@/server/admin/overview-warm";
import { useOwnDatabase } from "@/server/api/test-support";
import { countReads } from "@/server/core/test-support";

const SECRET = "sixteen characters";

beforeAll(async () => {
  vi.stubEnv("CRON_SECRET", SECRET);
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
  await useOwnDatabase("overview-warm", process.env.MONGODB_URI);
});

/** Which collections a call of the scheduler reads by the time that the overview has been read. */
async function callUpkeep(): Promise<string[]> {
  const reads = await countReads(async () => {
    const headers = { authorization: `Bearer ${SECRET}` };
    const response = await handleUpkeep(new Request("http://vitrine.test/admin/jobs/upkeep", { method: "POST", headers }));
    expect(response.status).toBe(200);
    await warmOverview();
  });
  return reads.collections;
}

it("the scheduler's first call of a process reads what the first reader of the overview would wait for, and no later one does", async () => {
  expect(await callUpkeep()).toEqual(expect.arrayContaining(["traffic_buckets", "traffic_customers", "traffic_errors"]));
  expect(await callUpkeep()).not.toContain("traffic_customers");
});
