import { describe, expect, it } from "vitest";
import { continueTrace, currentCall, readTrace, runInCall, traceHeaders, writeTraceparent } from "@/server/core/trace";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const GOOD = `00-${TRACE}-${SPAN}-01`;

const read = (traceparent: string, more: Record<string, string> = {}) => readTrace(new Headers({ traceparent, ...more }));

describe("traceparent", () => {
  it.each([
    ["as the standard shows it", GOOD, true],
    ["of a trace that nobody writes down", `00-${TRACE}-${SPAN}-00`, false],
    ["with flags that are not known yet", `00-${TRACE}-${SPAN}-ff`, true],
    ["of a later version with more behind it", `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, true],
  ])("is read %s", (_name, text, sampled) => {
    expect(read(text)).toEqual({ traceId: TRACE, spanId: SPAN, sampled, state: null });
  });

  it.each([
    ["", "none"],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`, "capitals"],
    [`00-${"0".repeat(32)}-${SPAN}-01`, "a trace of zeros"],
    [`00-${TRACE}-${"0".repeat(16)}-01`, "a parent of zeros"],
    [`ff-${TRACE}-${SPAN}-01`, "a version that is none"],
    [`${GOOD}-more`, "more than version 00 has"],
    [`cc-${TRACE}-${SPAN}-01.more`, "something stuck to the flags"],
    [`00-${TRACE.slice(1)}-${SPAN}-01`, "a short trace"],
    [`${GOOD}, ${GOOD}`, "two"],
    [`00-${TRACE}-${SPAN}-1`, "half a flag"],
  ])("%j is not believed: %s", (text) => {
    expect(read(text)).toBeNull();
  });
});

describe("tracestate", () => {
  it("is passed on as it came, unless it is long, broken or without a trace", () => {
    expect(read(GOOD, { tracestate: "rojo=00f067aa0ba902b7,congo=t61" })?.state).toBe("rojo=00f067aa0ba902b7,congo=t61");
    expect(read(GOOD, { tracestate: `a=${"b".repeat(600)}` })?.state).toBeNull();
    expect(read(GOOD, { tracestate: "no pairs" })?.state).toBeNull();
    expect(continueTrace(read("nonsense", { tracestate: "a=b" })).state).toBeNull();
  });
});

describe("our part of a trace", () => {
  it("stays in the caller's trace under an id of its own", () => {
    const ours = continueTrace(read(GOOD));
    expect(ours).toMatchObject({ traceId: TRACE, sampled: true });
    expect(ours.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(ours.spanId).not.toBe(SPAN);
    expect(read(writeTraceparent(ours))).toEqual(ours);
  });

  it("begins a trace where there is none, each call one of its own", () => {
    const [one, other] = [continueTrace(null), continueTrace(null)];
    expect(read(writeTraceparent(one))).toEqual(one);
    expect(one.traceId).not.toBe(other.traceId);
    expect(one.sampled).toBe(false);
  });

  it("goes along with what is asked of others for the call, and with nothing else", async () => {
    const ours = continueTrace(read(GOOD, { tracestate: "a=b" }));
    const inside = await runInCall({ requestId: "req_1", trace: ours, untraced: false }, async () => {
      await Promise.resolve();
      return { headers: traceHeaders(), call: currentCall()?.requestId };
    });
    expect(inside).toEqual({ headers: { traceparent: `00-${TRACE}-${ours.spanId}-01`, tracestate: "a=b" }, call: "req_1" });
    expect(traceHeaders()).toEqual({});
  });
});
