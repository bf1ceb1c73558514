import { beforeAll, describe, expect, it, vi } from "vitest";
import { upkeepReport } from "@/lib/contracts/operations.admin";
import { handleUpkeep } from "@/server/admin/jobs";
import { createCustomer, ORIGIN, useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";

const SECRET = "a secret of the scheduler";

beforeAll(async () => {
  vi.stubEnv("CRON_SECRET", SECRET);
  await useOwnDatabase("jobs", process.env.MONGODB_URI);
  await database();
});

function call(headers: Record<string, string>, method = "POST"): Promise<Response> {
  return handleUpkeep(new Request(`${ORIGIN}/admin/jobs/upkeep`, { method, headers }));
}

const withSecret = { authorization: `Bearer ${SECRET}` };

async function makeDue(): Promise<void> {
  const leases = (await database()).db?.collection("leases");
  await leases?.updateMany({}, { $set: { finishedAt: new Date(0) } });
}

describe("/admin/jobs/upkeep", () => {
  it("opens to the scheduler's secret alone", async () => {
    const { session, page } = await createCustomer();
    const refused: [Record<string, string>, string][] = [
      [{}, "key_missing"],
      [{ cookie: `console.session=${session}` }, "key_missing"],
      [{ ...page }, "key_missing"],
      [{ authorization: `Basic ${SECRET}` }, "key_missing"],
      [{ authorization: "Bearer " }, "key_missing"],
      [{ authorization: `Bearer ${SECRET}x` }, "key_invalid"],
      [{ authorization: `Bearer ${SECRET.slice(1)}` }, "key_invalid"],
      [{ authorization: "Bearer undefined" }, "key_invalid"],
      [{ authorization: "Bearer null" }, "key_invalid"],
    ];
    for (const [headers, code] of refused) {
      const response = await call(headers);
      expect([response.status, (await response.json()).code], JSON.stringify(headers)).toEqual([401, code]);
      expect(response.headers.get("www-authenticate")).toContain("Bearer");
    }
    expect((await (await database()).db?.collection("job_runs").countDocuments()) ?? 0).toBe(0);
  });

  it("takes GET, as platforms call it, and POST, and no other method", async () => {
    expect((await call(withSecret, "GET")).status).toBe(200);
    const response = await call(withSecret, "PUT");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"]);
  });

  it("runs what is due once, however many call at the same time, and tells each job with its time", async () => {
    await makeDue();
    const answers = await Promise.all(Array.from({ length: 4 }, async () => upkeepReport.parse(await (await call(withSecret)).json())));
    for (const name of ["alerts", "alert_mail", "audit", "deletions"]) {
      const outcomes = answers.map(({ jobs }) => jobs.find(({ job }) => job === name)?.outcome);
      expect(outcomes.filter((outcome) => outcome === "done"), name).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === "skipped"), name).toHaveLength(3);
    }
    expect((await call(withSecret)).headers.get("cache-control")).toBe("no-store");
  });

  it("goes on with the next job when one fails", async () => {
    await makeDue();
    const rules = (await database()).db?.collection<{ _id: string }>("alert_rules");
    const broken = { metric: "p95", surface: "api", model: null, windowMinutes: Number.NaN, enabled: true };
    await rules?.insertOne(Object.assign({ _id: "rul_broken" }, broken));
    const { jobs } = upkeepReport.parse(await (await call(withSecret)).json());
    expect(jobs.map(({ job, outcome }) => [job, outcome])).toEqual([
      ["alerts", "failed"],
      ["alert_mail", "done"],
      ["audit", "done"],
      ["deletions", "done"],
    ]);
    await rules?.deleteOne({ _id: "rul_broken" });
  });
});
