import { beforeAll, describe, expect, it } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { runAlone } from "@/server/core/lease";

const HOUR = 60 * 60_000;
const always = { holdMs: HOUR, everyMs: 0 };

beforeAll(async () => {
  await useOwnDatabase("lease", process.env.MONGODB_URI);
  await database();
});

const change = async (name: string, fields: Record<string, Date>) =>
  (await database()).db?.collection<{ _id: string }>("leases").updateOne({ _id: name }, { $set: fields });

describe("runAlone", () => {
  it("has work done by one of all that ask at the same time", async () => {
    let [running, most] = [0, 0];
    const work = async () => {
      most = Math.max(most, ++running);
      await (await database()).db?.command({ ping: 1 });
      running -= 1;
      return "done";
    };
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => runAlone("busy", always, work)));
    expect(most).toBe(1);
    expect(outcomes.some((outcome) => outcome?.result === "done")).toBe(true);
    expect(outcomes.some((outcome) => outcome === null)).toBe(true);
    expect(await runAlone("busy", always, work)).toEqual({ result: "done" });
  });

  it("gives the work to another process when the one that had it has died", async () => {
    const never = new Promise<never>(() => undefined);
    void runAlone("crashed", always, () => never);
    await expect.poll(() => runAlone("crashed", always, async () => "taken")).toBeNull();
    await change("crashed", { until: new Date(Date.now() - 1) });
    expect(await runAlone("crashed", always, async () => "taken")).toEqual({ result: "taken" });
  });

  it("does nothing again before it is due, whoever asks", async () => {
    const rarely = { holdMs: HOUR, everyMs: HOUR };
    expect(await runAlone("rare", rarely, async () => 1)).toEqual({ result: 1 });
    expect(await runAlone("rare", rarely, async () => 2)).toBeNull();
    await change("rare", { finishedAt: new Date(Date.now() - HOUR) });
    expect(await runAlone("rare", rarely, async () => 3)).toEqual({ result: 3 });
  });

  it("is due again at once when the work failed, and passes the failure on", async () => {
    const rarely = { holdMs: HOUR, everyMs: HOUR };
    await expect(runAlone("failing", rarely, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await runAlone("failing", rarely, async () => "again")).toEqual({ result: "again" });
  });

  it("takes nothing away from whoever took over meanwhile", async () => {
    const rarely = { holdMs: HOUR, everyMs: HOUR };
    let finishFirst = (_value: string) => {};
    const first = runAlone("slow", rarely, () => new Promise<string>((resolve) => (finishFirst = resolve)));
    await expect.poll(async () => (await runAlone("slow", always, async () => 0)) === null).toBe(true);
    await change("slow", { until: new Date(0) });
    let finishSecond = (_value: string) => {};
    const second = runAlone("slow", rarely, () => new Promise<string>((resolve) => (finishSecond = resolve)));
    await expect.poll(async () => finishSecond.toString() !== "(_value) => {}").toBe(true);
    finishFirst("first");
    await first;
    expect(await runAlone("slow", always, async () => "third")).toBeNull();
    finishSecond("second");
    expect(await second).toEqual({ result: "second" });
  });
});
