import { describe, expect, it } from "vitest";
import { compareHeldOut, compareTraffic, countVerdicts } from "@/lib/compare-arms.admin";
import type { ConsoleVersion } from "@/lib/contracts/releases.admin";
import type { ArmTraffic } from "@/lib/contracts/traffic.admin";

function version(number: number, metrics: ConsoleVersion["metrics"]): ConsoleVersion {
  return {
    version: number, algorithm: "", trained_on: "2026-01-01", release_notes: "", metrics, latency: { p50_ms: 1, p95_ms: 1, measured_rows: 1 },
    bytes: 1, sha256: "", uploaded_sha256: "", opset: null, inputs: 1, outputs: [], created_at: "2026-01-01T00:00:00Z", created_by: "", changes: [],
  };
}

function arm(change: Partial<ArmTraffic>): ArmTraffic {
  const figures = { calls: 1_000, answered: 1_000, refused: 0, limited: 0, failed: 0, p50_ms: 10, p95_ms: 40, p99_ms: 80 };
  return { version: 1, arm: "live", rows: 1_000, outputs: [], ...figures, ...change };
}

const verdicts = (live: Partial<ArmTraffic>, candidate: Partial<ArmTraffic>) => {
  return Object.fromEntries(compareTraffic(arm(live), arm(candidate), [{ name: "y", label: "Price" }]).map(({ name, verdict }) => [name, verdict]));
};

describe("held-out figures", () => {
  it("are better the way each of them is good, and say nothing where one version lacks them", () => {
    const rows = compareHeldOut(version(1, { accuracy: 0.791, logLoss: 0.41, r2: 0.5, rows: 1761 }), version(2, { accuracy: 0.804, logLoss: 0.43, rows: 1761 }));
    expect(rows.map(({ name, difference, verdict }) => [name, difference, verdict])).toEqual([
      ["Right answers (accuracy)", "+0.013", "better"], ["Cost of wrong certainty (log loss)", "+0.02", "worse"], ["Unseen cases", "0", null],
    ]);
  });

  it("are the same when they read the same", () => {
    expect(compareHeldOut(version(1, { accuracy: 0.80401 }), version(2, { accuracy: 0.80399 }))).toMatchObject([{ verdict: "same" }]);
  });
});

describe("live calls", () => {
  it("count the candidate's share", () => {
    expect(compareTraffic(arm({ calls: 9_000 }), arm({ calls: 1_000 }), [])[0]).toMatchObject({ name: "Calls", difference: "10.0 % of calls", verdict: null });
  });

  it("call failures better or worse beyond chance only", () => {
    expect(verdicts({ failed: 5 }, { failed: 40 })["Failed on our side"]).toBe("worse");
    expect(verdicts({ failed: 40 }, { failed: 5 })["Failed on our side"]).toBe("better");
    expect(verdicts({ failed: 5 }, { failed: 8 })["Failed on our side"]).toBe("same");
    expect(verdicts({}, { calls: 0, answered: 0 })["Failed on our side"]).toBe("few");
  });

  it("call a version slower when that is more than the measuring blurs, and many calls say so", () => {
    expect(verdicts({}, { p95_ms: 49 })["95 % are faster than"]).toBe("slower");
    expect(verdicts({}, { p95_ms: 30 })["95 % are faster than"]).toBe("faster");
    expect(verdicts({}, { p95_ms: 47 })["95 % are faster than"]).toBe("same");
    expect(verdicts({ p95_ms: 0.2 }, { p95_ms: 0.9 })["95 % are faster than"]).toBe("same");
    expect(verdicts({}, { p95_ms: null })["95 % are faster than"]).toBe("few");
  });

  it("say nothing of a percentile that fewer than ten calls of either arm were slower than", () => {
    const slow = { p50_ms: 90, p95_ms: 190, p99_ms: 590 };
    const judge = (answered: number) => {
      const found = verdicts({}, { ...slow, answered });
      return [found["Median time"], found["95 % are faster than"], found["99 % are faster than"]];
    };
    expect(judge(19)).toEqual(["few", "few", "few"]);
    expect(judge(20)).toEqual(["slower", "few", "few"]);
    expect(judge(199)).toEqual(["slower", "few", "few"]);
    expect(judge(200)).toEqual(["slower", "slower", "few"]);
    expect(judge(999)).toEqual(["slower", "slower", "few"]);
    expect(judge(1_000)).toEqual(["slower", "slower", "slower"]);
    const few = compareTraffic(arm({ answered: 171, p99_ms: 54 }), arm({ answered: 120, p99_ms: 37 }), []).find(({ name }) => name.startsWith("99 %"));
    expect(few).toMatchObject({ live: "54 ms", candidate: "37 ms", difference: "", verdict: "few" });
  });

  it("give a difference too small to tell no sign", () => {
    const differenceOf = (p50: number) => compareTraffic(arm({}), arm({ p50_ms: p50 }), []).find(({ name }) => name === "Median time")?.difference;
    expect([differenceOf(10.05), differenceOf(9.95), differenceOf(12)]).toEqual(["under 0.1 ms", "under 0.1 ms", "+2 ms"]);
  });

  it("call an average answer higher or lower beyond chance only", () => {
    const spread = (counts: number[], mean: number) => ({ outputs: [{ output: "y", rows: 10, classes: null, histogram: { edges: [0, 1, 2], counts }, mean }] });
    expect(verdicts(spread([500, 500], 1), spread([400, 600], 1.1))["Price, on average"]).toBe("higher");
    expect(verdicts(spread([500, 500], 1), spread([600, 400], 0.9))["Price, on average"]).toBe("lower");
    expect(verdicts(spread([50, 50], 1), spread([48, 52], 1.02))["Price, on average"]).toBe("same");
  });

  it("compare the share of each class where an output has no single figure", () => {
    const spread = (one: number, two: number) => ({
      outputs: [{ output: "y", rows: one + two, classes: [{ label: "1", count: one }, { label: "2", count: two }], histogram: null, mean: null }],
    });
    expect(verdicts(spread(500, 500), spread(400, 600))).toMatchObject({ "Price: 1": "other", "Price: 2": "other" });
    expect(verdicts(spread(500, 500), spread(49, 51))).toMatchObject({ "Price: 1": "same" });
  });
});

describe("the sum of the verdicts", () => {
  it("leaves out what nothing can be said of", () => {
    const rows = (["better", "better", "same", "few", null] as const).map((verdict) => ({ name: "", live: "", candidate: "", difference: "", verdict }));
    expect(countVerdicts(rows)).toBe("2 better, 1 no difference");
    expect(countVerdicts([])).toBe("");
  });
});
