import { beforeAll, describe, expect, it } from "vitest";
import { loadDemoModels, readExampleInput, useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import type { CustomerCaller } from "@/server/core/trpc";
import { runRows } from "@/server/modules/predict/service";
import { readSeries, readSummary } from "@/server/modules/usage/service";

const SLUG = "customer-churn";

let customers = 0;

/** Of no plan, so that a plan may change without a test. */
const LIMITS = { rowsPerMinute: 600, rowsPerMonth: 20_000, rowsPerCall: 100, retentionDays: 30 };

function newCustomer(): CustomerCaller {
  customers += 1;
  const customerId = `cus_${customers}`;
  return { kind: "customer", id: `customer:${customerId}`, customerId, plan: "free", limits: LIMITS, via: { kind: "session" } };
}

async function predict(caller: CustomerCaller, count: number) {
  const raw = await readExampleInput(SLUG);
  const rows = Array.from({ length: count }, (_, index) => ({ raw, pointer: `#/inputs/${index}` }));
  return runRows({ caller, requestId: "req_of_a_test", model: SLUG, rows });
}

async function readCounts(caller: CustomerCaller) {
  const [summary, series] = await Promise.all([
    readSummary(caller),
    readSeries(caller, { start_time: new Date(Date.now() - 1_000).toISOString(), bucket_width: "1d", group_by: ["model"] }),
  ]);
  return { month: summary.month.used, counted: series.data.flatMap(({ results }) => results) };
}

beforeAll(async () => {
  await useOwnDatabase("rows-counted", process.env.MONGODB_URI);
  await loadDemoModels();
}, 60_000);

describe("rows of a customer", () => {
  it("are not held against the month when the model cannot be loaded", async () => {
    const { db } = await database();
    const files = await db?.collection("model_files").find().toArray();
    await db?.collection("model_files").deleteMany({});
    const caller = newCustomer();
    await expect(predict(caller, 3)).rejects.toMatchObject({ code: "model_unavailable" });
    expect(await readCounts(caller)).toEqual({ month: 0, counted: [] });
    await db?.collection("model_files").insertMany(files ?? []);
  });

  it("are counted before the answer comes, in the month and for their model", async () => {
    const caller = newCustomer();
    const { predictions, headers } = await predict(caller, 3);
    expect(predictions).toHaveLength(3);
    expect(headers.get("RateLimit")).toMatch(/^"minute";r=597;t=\d+, "month";r=19997;t=\d+$/);
    expect(await readCounts(caller)).toEqual({ month: 3, counted: [{ model: SLUG, calls: 1, rows: 3, limited: 0 }] });
  });
});
