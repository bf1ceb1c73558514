import { describe, expect, it } from "vitest";
import { buildErrorReply } from "./error-reply";

describe("the reply to a fault of the store", () => {
  it.each([
    ["MDB_CORRUPTED: Located page was wrong type", 8, /data file .* is damaged \(MDB_CORRUPTED: .*restore .* from a copy.*data:check/],
    ["MDB_PAGE_NOTFOUND: Requested page not found", 8, /data file .* is damaged/],
    ["MDB_MAP_FULL: Environment mapsize limit reached", 14031, /disk .* is full/],
    ["Input/output error", 14031, /full or failing/],
    ["something else", 8, /^something else$/],
  ])("says what happened and what to do: %s", (message, code, line) => {
    expect(buildErrorReply(new Error(message), "find", {})).toMatchObject({ ok: 0, code, errmsg: expect.stringMatching(line) as string });
  });
});
