import { describe, expect, it } from "vitest";
import {
  addFailures,
  cpuPerCall,
  showFailures,
  showNumber,
  showRate,
  showSpread,
  summarise,
  summariseRatio,
  summariseTarget,
} from "./numbers.mjs";

const rounds = [
  { ours: { callsPerSecond: 100 }, theirs: { callsPerSecond: 10 } },
  { ours: { callsPerSecond: 30 }, theirs: { callsPerSecond: 2 } },
  { ours: { callsPerSecond: 80 }, theirs: { callsPerSecond: 10 } },
];
const rate = ({ callsPerSecond }) => callsPerSecond;

describe("figures of several rounds", () => {
  it("are told by their middle, the least and the most", () => {
    expect(summarise([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
    expect(summarise([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  it("leave out what could not be read, and are nothing where nothing could", () => {
    expect(summarise([null, 2, undefined, Number.NaN])).toEqual({ median: 2, min: 2, max: 2 });
    expect(summarise([null])).toBeNull();
  });

  it("are compared round by round, not middle by middle: a slow round slows both", () => {
    expect(summariseRatio(rounds, "ours", "theirs", rate)).toEqual({ median: 10, min: 8, max: 15 });
    expect(summariseTarget(rounds, "ours", rate).median / summariseTarget(rounds, "theirs", rate).median).toBe(8);
  });

  it("have no ratio to a target that was left out, or that answered nothing", () => {
    expect(summariseRatio(rounds, "ours", "peer", rate)).toBeNull();
    expect(summariseRatio([{ ours: { callsPerSecond: 1 }, theirs: { callsPerSecond: 0 } }], "ours", "theirs", rate)).toBeNull();
  });

  it("give CPU time in microseconds a call, and none without calls or without a system that tells", () => {
    expect(cpuPerCall("serverCpu")({ serverCpu: 0.5, calls: 1_000 })).toBe(500);
    expect(cpuPerCall("serverCpu")({ serverCpu: 0.5, calls: 0 })).toBeNull();
    expect(cpuPerCall("serverCpu")({ serverCpu: null, calls: 10 })).toBeNull();
  });

  it("are written with three digits that count", () => {
    expect([0, 0.01234, 0.5, 1.2345, 12.345, 123.45, 12_345.6, null].map(showNumber)).toEqual([
      "0", "0.012", "0.500", "1.23", "12.3", "123", "12,346", "–",
    ]);
    expect(showRate(1234.5)).toBe("1,235");
  });

  it("are written once where all rounds show the same", () => {
    expect(showSpread({ median: 3, min: 1, max: 5 })).toBe("3.00 (1.00–5.00)");
    expect(showSpread({ median: 3, min: 3, max: 3 })).toBe("3.00");
    expect(showSpread(null)).toBe("–");
  });

  it("count calls that failed by why they did", () => {
    const failures = addFailures([{ failures: { 503: 2 } }, {}, { failures: { 503: 1, ECONNRESET: 4 } }]);
    expect(failures).toEqual({ 503: 3, ECONNRESET: 4 });
    expect(showFailures(failures)).toBe("FAILED: 3 × 503, 4 × ECONNRESET");
    expect(showFailures({})).toBe("");
  });
});
