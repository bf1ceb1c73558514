import { beforeAll, describe, expect, it, vi } from "vitest";
import { setNoticeInput } from "@/lib/contracts/operations.admin";
import { useOwnDatabase } from "@/server/api/test-support";
import { closeDatabase, database } from "@/server/core/db";
import { moveMoment, readMoment } from "@/server/core/moments";
import type { Operator } from "@/server/core/operator.admin";
import { readNotice } from "@/server/modules/operations/service";
import { getNotice, type Job, listJobs, performJob, removeNotice, setNotice } from "@/server/modules/operations/service.admin";

const operator: Operator = { id: "opr_1", email: "ada@example.com", name: "Ada", role: "operator" };
const HOUR = 60 * 60_000;
const words = { text: "Away from 3 to 4.", tone: "warn" as const, from: null, to: null };
const seen = async () => (await getNotice())?.changed_at ?? null;
/** Writes a notice as who has just read the one there is. */
const write = async (change: object = {}) => setNotice({ ...words, seen: await seen(), ...change }, operator);
/** Its connection is closed as if the server were gone; {@link closeDatabase} brings a new one. */
const loseDatabase = async () => (await database()).close();
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString();

beforeAll(async () => {
  await useOwnDatabase("operations", process.env.MONGODB_URI);
  await database();
});

describe("the notice", () => {
  it("is shown from the moment it is written until it is taken away, and says who wrote it", async () => {
    const set = await write();
    expect(set).toMatchObject({ before: null, after: { text: "Away from 3 to 4.", tone: "warn" } });
    expect(await readNotice()).toEqual({ text: "Away from 3 to 4.", tone: "warn" });
    expect(await getNotice()).toMatchObject({ state: "shown", changed_by: "Ada" });
    expect((await removeNotice({})).before).toMatchObject({ text: "Away from 3 to 4." });
    expect([await readNotice(), await getNotice()]).toEqual([null, null]);
    expect((await removeNotice({})).before).toBeNull();
  });

  it("is shown in its time alone", async () => {
    const planned = await write({ from: inHours(1), to: inHours(2) });
    expect([planned.result.state, await readNotice()]).toEqual(["planned", null]);
    await write({ from: inHours(-2), to: inHours(-1) });
    expect([(await getNotice())?.state, await readNotice()]).toEqual(["over", null]);
    await write({ from: inHours(-1), to: inHours(1) });
    expect(await readNotice()).toMatchObject({ tone: "warn" });
  });

  it("is not lost when two write at once: the second is told what the first wrote, and may put its own in place of that", async () => {
    await removeNotice({});
    const both = await seen();
    await setNotice({ ...words, text: "Hers", seen: both }, { ...operator, name: "Bea" });
    const late = setNotice({ ...words, text: "His", seen: both }, operator);
    await expect(late).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/Bea.*“Hers”/) });
    expect((await getNotice())?.text).toBe("Hers");
    const first = await seen();
    const ends = await Promise.allSettled(["One", "Two", "Three"].map((text) => setNotice({ ...words, text, seen: first }, operator)));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(setNotice({ ...words, seen: first }, operator)).rejects.toMatchObject({ code: "conflict" });
    expect((await write({ text: "His" })).after).toMatchObject({ text: "His" });
  });

  it("is not taken away by somebody who saw another one, and then is gone for who would change it", async () => {
    const { result } = await write({ text: "Old" });
    await write({ text: "New" });
    await expect(removeNotice({ seen: result.changed_at })).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("New") });
    const last = await seen();
    await removeNotice({ seen: last });
    await expect(setNotice({ ...words, seen: last }, operator)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("taken") });
  });

  it("reaches every process within three seconds", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    vi.resetModules();
    const other = await import("@/server/modules/operations/service");
    await write({ text: "First" });
    expect((await other.readNotice())?.text).toBe("First");
    await write({ text: "Second" });
    vi.advanceTimersByTime(3_000);
    expect((await other.readNotice())?.text).toBe("Second");
    vi.useRealTimers();
  });

  it("stands as it was read last while the database is away", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    await write({ text: "Stays" });
    expect((await readNotice())?.text).toBe("Stays");
    vi.advanceTimersByTime(3_000);
    await loseDatabase();
    expect((await readNotice())?.text).toBe("Stays");
    await closeDatabase();
    vi.useRealTimers();
  });

  it("takes one line with an end behind its beginning", () => {
    const pathsOf = (change: object) => setNoticeInput.safeParse({ ...words, seen: null, ...change }).error?.issues.map(({ path }) => path.join("/"));
    expect(pathsOf({})).toBeUndefined();
    expect(pathsOf({ text: " " })).toEqual(["text"]);
    expect(pathsOf({ text: "a\nb" })).toEqual(["text"]);
    expect(pathsOf({ to: inHours(-1) })).toEqual(["to"]);
    expect(pathsOf({ from: inHours(2), to: inHours(1) })).toEqual(["to"]);
  });
});

describe("a moment", () => {
  it("is followed by every process within three seconds", async () => {
    expect(await readMoment("model_sessions")).toBeNull();
    vi.useFakeTimers({ toFake: ["performance"] });
    vi.resetModules();
    const other = await import("@/server/core/moments");
    expect(await other.readMoment("model_sessions")).toBeNull();
    const at = await moveMoment("model_sessions");
    expect(await readMoment("model_sessions")).toEqual(at);
    vi.advanceTimersByTime(3_000);
    expect(await other.readMoment("model_sessions")).toEqual(at);
    expect(await other.readMoment("customer_sessions")).toBeNull();
    vi.useRealTimers();
  });
});

function jobOf(work: Job["work"], name: Job["name"], everyMs = 0): Job {
  return { name, holdMs: HOUR, everyMs, work };
}

const runsOf = async (name: Job["name"]) => (await listJobs([{ name, everyMs: 30_000 }]))[0]?.runs ?? [];

describe("performJob", () => {
  it("writes down what a run did, who asked for it and how long it took", async () => {
    const outcome = await performJob(jobOf(async () => "2 sent", "alert_mail"), "Ada");
    expect(outcome).toMatchObject({ job: "alert_mail", outcome: "done", detail: "2 sent" });
    const { milliseconds } = outcome;
    expect(await runsOf("alert_mail")).toMatchObject([{ job: "alert_mail", outcome: "done", detail: "2 sent", by: "Ada", milliseconds }]);
  });

  it("tells a failure by its code, never by its words, and throws nothing", async () => {
    const outcome = await performJob(jobOf(() => Promise.reject(new Error("a secret")), "audit"), null);
    expect(outcome).toMatchObject({ outcome: "failed", detail: "internal_error" });
    expect(JSON.stringify(await runsOf("audit"))).not.toContain("secret");
  });

  it("does nothing and writes nothing down while it is not due", async () => {
    const job = jobOf(async () => "done", "deletions", HOUR);
    expect((await performJob(job, null)).outcome).toBe("done");
    expect((await performJob(job, null)).outcome).toBe("skipped");
    expect((await performJob({ ...job, everyMs: 0 }, "Ada")).outcome).toBe("done");
    expect(await runsOf("deletions")).toHaveLength(2);
  });

  it("keeps the last fifty runs of each job", async () => {
    for (let run = 1; run <= 53; run++) await performJob(jobOf(async () => `run ${run}`, "alerts"), null);
    const kept = await runsOf("alerts");
    expect(kept).toHaveLength(50);
    expect([kept[0]?.detail, kept.at(-1)?.detail]).toEqual(["run 53", "run 4"]);
  });

  it("tells a failure also where the database cannot write it down", async () => {
    await loseDatabase();
    expect(await performJob(jobOf(async () => "done", "audit"), null)).toMatchObject({ outcome: "failed", detail: "database_unavailable" });
    await closeDatabase();
  });
});
