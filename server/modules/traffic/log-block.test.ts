import { describe, expect, it } from "vitest";
import { createId } from "@/server/core/ids";
import type { EntryRecord } from "@/server/modules/traffic/collection";
import { behindBlocksOf, BLOCK_SPAN_MS, MOST_IN_BLOCK, packEntries, unpackBlock } from "@/server/modules/traffic/log-block";
import { makeCall } from "@/server/modules/traffic/test-support";

const NOW = Date.UTC(2030, 10, 20, 14, 37, 21);

function makeEntry(change: Partial<EntryRecord> = {}, time = NOW): EntryRecord {
  const at = new Date(time);
  return { ...makeCall({ at }), at, _id: createId("entry", at), ...change };
}

const byId = (one: EntryRecord, other: EntryRecord) => (one._id < other._id ? -1 : 1);

describe("blocks of the log", () => {
  it("give back the entries that they were made of, each once, in any order of time", () => {
    const entries = Array.from({ length: 2_000 }, (_, index) => {
      const spread = (index * 7_919) % 2_000;
      const kind = { model: `m${index % 3}`, customerId: index % 2 === 0 ? null : "cus_1", milliseconds: spread, rows: index % 5 || null };
      return makeEntry({ ...kind, ...(index % 10 === 0 && { requestId: `chosen-${index % 4}` }) }, NOW + spread * 10);
    });
    const blocks = packEntries(entries);
    expect(blocks.flatMap(unpackBlock).sort(byId)).toEqual(entries.toSorted(byId));
    for (const block of blocks) {
      const ids = unpackBlock(block).map(({ _id }) => _id).sort();
      expect([block._id, block.oldest, block.count]).toEqual([ids.at(-1), ids[0], ids.length]);
      expect(behindBlocksOf(block.oldest) > block._id).toBe(true);
      expect(Math.max(...unpackBlock(block).map(({ milliseconds }) => milliseconds))).toBe(block.slowest);
    }
  });

  it("hold what differs in nothing but time, request, duration and rows", () => {
    expect(packEntries(Array.from({ length: 20 }, (_, index) => makeEntry({ rows: index, milliseconds: index })))).toHaveLength(1);
    const differences: Partial<EntryRecord>[] = [
      { surface: "console" },
      { route: "trpc predict.run" },
      { method: "GET" },
      { status: 422 },
      { code: "invalid_input" },
      { model: null },
      { version: 2 },
      { arm: "candidate" },
      { customerId: "cus_1" },
      { keyId: "key_1" },
      { cameBy: "key" },
      { milliseconds: 100 },
      { milliseconds: 500 },
      { milliseconds: 2_000 },
      { requestId: "chosen" },
    ];
    const blocks = packEntries([...differences, {}, {}].map((change) => makeEntry(change)));
    expect(blocks.map(({ count }) => count).sort()).toEqual([...differences.map(() => 1), 2]);
  });

  it("end when they are full, and when the next entry is too far away in time", () => {
    expect(packEntries(Array.from({ length: 2 * MOST_IN_BLOCK + 1 }, () => makeEntry())).map(({ count }) => count)).toEqual([250, 250, 1]);
    const times = [0, BLOCK_SPAN_MS - 1, BLOCK_SPAN_MS, 3 * BLOCK_SPAN_MS, 2 * BLOCK_SPAN_MS + 1, -1];
    expect(packEntries(times.map((time) => makeEntry({}, NOW + time))).map(({ count }) => count)).toEqual([2, 1, 2, 1]);
  });
});
