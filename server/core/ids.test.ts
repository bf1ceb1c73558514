import { afterEach, expect, it, vi } from "vitest";
import { createId, startOfIds, timeOfId } from "@/server/core/ids";

afterEach(() => vi.useRealTimers());

it("ids name their kind, are unique and sort by the time they were made", () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  const first = createId("prediction");
  vi.setSystemTime(1_700_000_000_001);
  const later = Array.from({ length: 1_000 }, () => createId("prediction"));
  expect(first).toMatch(/^prd_[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(new Set(later).size).toBe(1_000);
  expect(later.every((id) => id > first)).toBe(true);
});

it("ids of a moment sort behind its start and in front of the next millisecond's", () => {
  for (const time of [0, 1, 1_699_999_999_999, Date.UTC(9999, 11, 31)]) {
    const id = createId("prediction", new Date(time));
    expect(id > startOfIds("prediction", new Date(time))).toBe(true);
    expect(id < startOfIds("prediction", new Date(time + 1))).toBe(true);
  }
  expect(startOfIds("prediction", new Date("0001-01-01T00:00:00Z"))).toBe("prd_0000000000");
});

it("ids are told as ULIDs are: by the example of their specification, and by the moment each of them stands for", () => {
  expect(startOfIds("entry", new Date(1_469_918_176_385))).toBe("ent_01ARYZ6S41");
  for (const time of [0, 1_023, 1_024, 1_469_918_176_385, Date.UTC(9999, 11, 31)]) {
    expect(timeOfId(createId("entry", new Date(time)))?.getTime()).toBe(time);
  }
  expect(() => createId("entry", new Date(Number.NaN))).toThrow(RangeError);
});

it("ids do not repeat and use every digit at every place, however many of them are made", () => {
  const ids = Array.from({ length: 20_000 }, () => createId("request", new Date(0)));
  expect(new Set(ids).size).toBe(ids.length);
  for (let place = "req_".length + 10; place < "req_".length + 26; place++) {
    expect(new Set(ids.map((id) => id[place])).size).toBe(32);
  }
});
