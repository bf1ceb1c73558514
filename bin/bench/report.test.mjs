import { describe, expect, it } from "vitest";
import { driftOf, judgeFloors } from "./floors.mjs";
import { findDoubts, replaceBlock, writeReport } from "./report.mjs";
import { drawTable } from "./table.mjs";

const measured = {
  date: "2026-01-31",
  commit: { id: "0123456789", changed: false },
  node: "20.20.0",
  system: "linux x64",
  cores: 2,
  processor: "A processor",
  memoryBytes: 2 ** 33,
  packages: {},
  peer: { fastapi: "1.0" },
};
const setting = { rounds: 2, seconds: 5, connections: 32 };
const usual = { failures: {}, p50: 1, p99: 2, serverCpu: 0.5, databaseCpu: null, serverBytes: 2 ** 20, loadShare: 0.2, othersShare: 0.01 };
const answered = (callsPerSecond, change = {}) => ({ ...usual, calls: 1_000, callsPerSecond, ...change });
const theirs = { peer: answered(100, { p99: 90 }), peerHealth: answered(1_000) };
const targets = (change = {}) => ({
  measured,
  setting,
  rounds: [
    { visitor: answered(6_000), key: answered(2_000), bare: answered(10_000), ...theirs },
    { visitor: answered(7_000), key: answered(2_600), bare: answered(10_000, change), ...theirs },
  ],
});
const starts = (commit) => ({ measured: { ...measured, commit }, setting, rounds: [{ api: { readyMs: 300, firstMs: 120 } }] });

describe("the report of the benchmark", () => {
  it("draws tables that are read in a terminal as well as in Markdown", () => {
    expect(drawTable(["", "calls/s"], [["one", "1"], ["the other", "12,000"]])).toEqual([
      "|           | calls/s |",
      "| --------- | ------: |",
      "| one       |       1 |",
      "| the other |  12,000 |",
    ]);
  });

  it("tells targets, ratios and floors from the rounds", () => {
    const report = writeReport({ targets: targets() }).join("\n");
    expect(report).toContain("| Our API, visitor                       | 6,500 (6,000–7,000) |");
    expect(report).toMatch(/\| Our API, visitor +\| +65\.0 \(60\.0–70\.0\) × \| 6\.50 \(6\.00–7\.00\) × \|/);
    expect(report).toMatch(/server's CPU time of one of .+\n.+\n\| Our API, visitor +\| +1\.00 × \|/);
    expect(report).toMatch(/Visitor: at least 60 × FastAPI \+ scikit-learn +\| +65\.0 \(60\.0–70\.0\) \| +yes \|/);
    expect(report).toMatch(/Key, everything on: at least 25 × FastAPI \+ scikit-learn +\| +23\.0 \(20\.0–26\.0\) \| +NO \|/);
    expect(report).toContain("FastAPI with fastapi 1.0.");
  });

  it("says what it was measured with, once for one run and for each part otherwise", () => {
    const machine = "Node 20.20.0, linux x64, 2 cores (A processor)";
    const one = `Measured 2026-01-31, commit 0123456789; ${machine}; 2 rounds of 5 s in turn, 32 connections.`;
    expect(writeReport({ targets: targets(), starts: starts(measured.commit) })[0]).toBe(one);
    const [first, second] = writeReport({ targets: targets(), starts: starts({ id: "9876543210", changed: true }) });
    expect(first).toMatch(/^- One row in one call: measured .+ commit 0123456789;/);
    expect(second).toMatch(/^- Cold start: measured .+ commit 9876543210 and changes since;/);
  });

  it("leaves out the peer where it is not there, and says so", () => {
    const rounds = targets().rounds.map(({ visitor, key, bare }) => ({ visitor, key, bare }));
    const report = writeReport({ targets: { measured: { ...measured, peer: null }, setting, rounds } }).join("\n");
    expect(report).toContain("left out");
    expect(report).not.toContain("at least 60 × FastAPI");
    expect(report).toContain("at least 0.4 × bare node:http");
  });

  it("says when the load tool was as busy as the server, when others worked, and what failed", () => {
    const part = targets({ loadShare: 0.95, othersShare: 0.6, failures: { 503: 3 } });
    expect(findDoubts(part, { bare: "bare" })).toEqual([
      "The load tool took more than 90 % of a core at: bare. That could carry more than is shown.",
      "Calls FAILED: 3 × 503.",
      "The machine was not quiet: other programs took up to 0.6 of its 2 cores.",
    ]);
    expect(findDoubts(targets())).toEqual([]);
  });

  it("judges by the middle of the rounds, each floor alone", () => {
    const judged = judgeFloors({ starts: starts(null) }).map(({ sentence, holds }) => [sentence.slice(0, 10), holds]);
    expect(judged).toEqual([["API: ready", true], ["API: first", false]]);
  });

  it("tells the database's speed apart from its starts, and judges the slowest ping by the worst round", () => {
    const asked = { findOne: answered(3_000, { documents: 1 }), insertMany: answered(50, { documents: 1_000 }) };
    const started = { start: { readyMs: 400, residentBytes: 100e6 }, startAfterKill: { readyMs: 1_200, residentBytes: null } };
    const rounds = [20, 60].map((slowest) => ({ ...asked, pingWhileScanning: answered(200, { documents: 1, slowest }), ...started }));
    const report = writeReport({ database: { measured, setting, rounds } }).join("\n");
    expect(report).toMatch(/\| insertMany +\| +50,000 \|/);
    expect(report).toMatch(/\| after kill -9 +\| +1,200 \| +– \|/);
    expect(report).toMatch(/insertMany: at least 30,000 documents\/s +\| +50,000 \| +yes \|/);
    expect(report).toMatch(/the slowest: at most 50 ms +\| +60\.0 \| +NO \|/);
    expect(report).not.toContain("Idle: at most 150 MB");
  });

  it("finds a drift between the first and the last quarter of a long run, without its warm-up", () => {
    const windows = [900, 100, 100, 100, 100, 100, 100, 130, 130].map((value) => ({ value }));
    expect(driftOf(windows, ({ value }) => value).median).toBe(1.3);
    expect(driftOf(windows.slice(0, 3), ({ value }) => value)).toBeNull();
  });
});

describe("the block in README", () => {
  it("is replaced between its markers, and nothing else is", () => {
    const text = "# A\n<!-- bench -->\nold\n<!-- /bench -->\n## B\n";
    const replaced = replaceBlock(text, ["new", "lines"]);
    expect(replaced).toBe("# A\n<!-- bench -->\nnew\nlines\n<!-- /bench -->\n## B\n");
    expect(replaceBlock(replaced, ["new", "lines"])).toBe(replaced);
  });

  it.each(["# A\n", "<!-- bench -->\n", "<!-- /bench -->\n<!-- bench -->\n"])("needs both markers in their order: %j", (text) => {
    expect(() => replaceBlock(text, ["new"])).toThrow("README.md has no place");
  });
});
