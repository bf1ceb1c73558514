import { beforeAll, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { DomainError } from "@/server/core/errors";
import { forgetCaller, LEASE_MS, readIdempotencyKey, runOnce, type StoredAnswer } from "@/server/core/idempotency";

beforeAll(async () => useOwnDatabase("idempotency", process.env.MONGODB_URI));

const call = (key: string, body = "{}") => ({ callerId: "visitor:a", route: "POST /x", key, body });
const answerOf = (body: string): StoredAnswer => ({ status: 200, headers: [["model-version", "1"]], body });

async function codeOf(work: Promise<unknown>): Promise<string> {
  const thrown = await work.catch((error: unknown) => error);
  return thrown instanceof DomainError ? thrown.code : "none";
}

describe("runOnce", () => {
  it("runs once and gives the first answer again", async () => {
    const run = vi.fn(async () => answerOf("first"));
    expect(await runOnce(call("replay"), run)).toEqual({ answer: answerOf("first"), replayed: false });
    expect(await runOnce(call("replay"), run)).toEqual({ answer: answerOf("first"), replayed: true });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("refuses another body under the same key", async () => {
    await runOnce(call("mismatch"), async () => answerOf("first"));
    expect(await codeOf(runOnce(call("mismatch", "{ }"), async () => answerOf("second")))).toBe("idempotency_mismatch");
  });

  it("keeps the keys of other callers and other routes apart", async () => {
    await runOnce(call("scope"), async () => answerOf("first"));
    const others = [{ ...call("scope"), callerId: "visitor:b" }, { ...call("scope"), route: "POST /y" }];
    for (const other of others) expect((await runOnce(other, async () => answerOf("own"))).answer.body).toBe("own");
  });

  it("refuses a second call while the first is running, and lets exactly one of many run", async () => {
    let finish = (_answer: StoredAnswer) => {};
    const running = new Promise<StoredAnswer>((resolve) => {
      finish = resolve;
    });
    const attempts = Array.from({ length: 5 }, () => runOnce(call("running"), () => running));
    const refusals: string[] = [];
    const codes = attempts.map(async (attempt) => refusals.push(await codeOf(attempt)));
    await vi.waitFor(() => expect(refusals).toHaveLength(4));
    expect(new Set(refusals)).toEqual(new Set(["idempotency_in_progress"]));
    finish(answerOf("one"));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await Promise.all(codes);
  });

  it("forgets what it kept of one caller, and of nobody else", async () => {
    const other = { ...call("forgotten"), callerId: "visitor:b" };
    for (const each of [call("forgotten"), other]) await runOnce(each, async () => answerOf("first"));
    await forgetCaller("visitor:a");
    expect((await runOnce(call("forgotten"), async () => answerOf("second"))).replayed).toBe(false);
    expect((await runOnce(other, async () => answerOf("second"))).replayed).toBe(true);
  });

  it("frees the key of a call that was refused or failed", async () => {
    const refuse = async () => {
      throw new DomainError("invalid_input", "No.");
    };
    expect(await codeOf(runOnce(call("refused"), refuse))).toBe("invalid_input");
    expect((await runOnce(call("refused", "{ }"), async () => answerOf("now"))).replayed).toBe(false);
  });

  it("frees the key of a call whose process died after its lease, and the dead call cannot answer for it any more", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    let finish = (_answer: StoredAnswer) => {};
    let began = () => {};
    const started = new Promise<void>((resolve) => {
      began = resolve;
    });
    const hanging = runOnce(call("crash"), () => {
      began();
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    await started;
    expect(await codeOf(runOnce(call("crash"), async () => answerOf("early")))).toBe("idempotency_in_progress");
    vi.setSystemTime(Date.now() + LEASE_MS);
    expect((await runOnce(call("crash"), async () => answerOf("second"))).answer.body).toBe("second");
    finish(answerOf("late"));
    await hanging;
    expect((await runOnce(call("crash"), async () => answerOf("third"))).answer.body).toBe("second");
    vi.useRealTimers();
  });

  it("keeps no input, and forgets after 24 hours", async () => {
    await runOnce(call("kept", '{"input":{"secret":1}}'), async () => answerOf("first"));
    const { db } = await database();
    const documents = await db?.collection("idempotent_calls").find().toArray();
    expect(JSON.stringify(documents)).not.toContain("secret");
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + 24 * 60 * 60 * 1000);
    expect((await runOnce(call("kept", "other"), async () => answerOf("new"))).replayed).toBe(false);
    vi.useRealTimers();
  });
});

describe("readIdempotencyKey", () => {
  it("takes 1 to 255 characters", () => {
    expect(readIdempotencyKey(new Headers())).toBeNull();
    expect(readIdempotencyKey(new Headers({ "Idempotency-Key": "k".repeat(255) }))).toHaveLength(255);
    for (const key of ["", "   ", "k".repeat(256)]) {
      expect(() => readIdempotencyKey(new Headers({ "Idempotency-Key": key }))).toThrow(DomainError);
    }
  });
});
