import { expect, it } from "vitest";
import { parseStat, readCost } from "./process-cost.mjs";
import { rotate } from "./rounds.mjs";

it("CPU time is read behind the name of a process, whatever stands in the name", () => {
  const fields = "S 17 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 11 0 100 1000 200";
  expect(parseStat(`42 (node (x) y) ${fields}`)).toEqual({ parent: 17, cpuSeconds: 3 });
});

it.runIf(process.platform === "linux")("a process costs memory and time, and what is counted elsewhere is left out", () => {
  const own = readCost({ pid: process.pid });
  expect(own.residentBytes).toBeGreaterThan(1024 * 1024);
  expect(own.cpuSeconds).toBeGreaterThan(0);
  expect(readCost({ pid: process.pid, without: [process.pid] })).toEqual({ cpuSeconds: 0, residentBytes: 0 });
});

it("each round begins with another target and leaves none out", () => {
  const names = ["a", "b", "c"];
  expect([0, 1, 2, 3].map((round) => rotate(names, round).join(""))).toEqual(["abc", "bca", "cab", "abc"]);
});
