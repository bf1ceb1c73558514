import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { drawBackoff, Outside, OutsideAway, type OutsideTerms } from "@/server/core/outside";

const OPEN_MS = 1_000;
const terms: OutsideTerms = { attemptMs: 100, attempts: 1, openMs: OPEN_MS };

beforeEach(() => {
  vi.stubEnv("LOG_LEVEL", "silent");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => void vi.useRealTimers());

const fail = async () => Promise.reject(new Error("Away."));
const answer = async () => "well";

async function open(service: Outside): Promise<void> {
  for (let call = 0; call < 3; call++) await expect(service.call(fail)).rejects.toThrow("Away.");
}

describe("a service of somebody else", () => {
  it("that says nothing is given up when its time is over, and is told so", async () => {
    let signal: AbortSignal | undefined;
    const silent = new Outside("silent", terms).call(async (given) => {
      signal = given;
      return new Promise(() => {});
    });
    await Promise.all([expect(silent).rejects.toThrow("There was no answer in time."), vi.advanceTimersByTimeAsync(100)]);
    expect(signal?.aborted).toBe(true);
  });

  it("is not asked any more after three failures in a row, until its time is over", async () => {
    const service = new Outside("away", terms);
    await open(service);
    const work = vi.fn(answer);
    const refused = service.call(work);
    await expect(refused).rejects.toThrow(OutsideAway);
    await expect(refused).rejects.toMatchObject({ retryAfterSeconds: 1 });
    expect(work).not.toHaveBeenCalled();
    vi.advanceTimersByTime(OPEN_MS);
    expect(await service.call(work)).toBe("well");
    expect(await Promise.all([service.call(work), service.call(work)])).toEqual(["well", "well"]);
  });

  it("is tried by one call alone when that time is over, and left alone again when that fails", async () => {
    const service = new Outside("away", terms);
    await open(service);
    vi.advanceTimersByTime(OPEN_MS);
    const calls = await Promise.allSettled([service.call(fail), service.call(answer), service.call(answer)]);
    expect(calls.map((call) => call.status === "rejected" && call.reason instanceof OutsideAway)).toEqual([false, true, true]);
    await expect(service.call(answer)).rejects.toThrow(OutsideAway);
  });

  it("is asked beside the calls where there is a way to, so that none of them waits for it", async () => {
    const probe = vi.fn(answer);
    const service = new Outside("away", { ...terms, probe });
    await open(service);
    vi.advanceTimersByTime(OPEN_MS);
    await expect(service.call(answer)).rejects.toThrow(OutsideAway);
    await vi.advanceTimersByTimeAsync(1);
    expect(await service.call(answer)).toBe("well");
    expect(probe).toHaveBeenCalledTimes(1);
  });

  it("may fail in between, and may refuse for good, without being left alone", async () => {
    const service = new Outside("well", { ...terms, isUnwell: (error) => error instanceof Error && error.message === "Away." });
    for (let round = 0; round < 5; round++) {
      await expect(service.call(fail)).rejects.toThrow("Away.");
      await expect(service.call(fail)).rejects.toThrow("Away.");
      await expect(service.call(async () => Promise.reject(new Error("No.")))).rejects.toThrow("No.");
    }
    expect(await service.call(answer)).toBe("well");
  });

  it("is asked again as often as is safe, after a random wait", async () => {
    const work = vi.fn(fail);
    const call = new Outside("away", { ...terms, attempts: 2 }).call(work);
    await Promise.all([expect(call).rejects.toThrow("Away."), vi.advanceTimersByTimeAsync(200)]);
    expect(work).toHaveBeenCalledTimes(2);
  });
});

describe("the wait between two attempts", () => {
  it("lies anywhere between nothing and a bound that doubles up to two seconds", () => {
    for (const [failed, bound] of [[1, 200], [2, 400], [3, 800], [10, 2_000]] as const) {
      const waits = Array.from({ length: 1_000 }, () => drawBackoff(failed));
      expect(Math.max(...waits)).toBeLessThanOrEqual(bound);
      expect(Math.max(...waits)).toBeGreaterThan(bound * 0.9);
      expect(Math.min(...waits)).toBeLessThan(bound * 0.1);
    }
  });
});
