import { expect, it } from "vitest";
import { Beat } from "@/server/core/beat";
import { JointWork, type JointTerms } from "@/server/core/joint-work";

interface Piece {
  items: readonly string[];
  end: () => void;
  fail: (error: Error) => void;
}

/** Work that goes on until the test ends it. */
function holdWork(change: Partial<JointTerms<string, string>> = {}) {
  const pieces: Piece[] = [];
  const work = (items: readonly string[]) =>
    new Promise<string[]>((resolve, reject) => {
      pieces.push({ items, end: () => resolve(items.map((item) => `${item} done`)), fail: reject });
    });
  const joint = new JointWork({ work, mostAtOnce: 100, ...change });
  return { joint, pieces };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("does together what is asked for in one turn of the event loop, and tells each what became of it", async () => {
  const { joint, pieces } = holdWork();
  const all = Promise.all(["a", "b", "c"].map((item) => joint.add(item)));
  await turn();
  await turn();
  expect(pieces.map(({ items }) => items)).toEqual([["a", "b", "c"]]);
  pieces[0]?.end();
  expect(await all).toEqual(["a done", "b done", "c done"]);
});

it("does together what comes in while a piece of work is under way, and no two pieces at the same time", async () => {
  const { joint, pieces } = holdWork();
  const first = joint.add("a");
  await turn();
  await turn();
  const others = [joint.add("b")];
  await turn();
  others.push(joint.add("c"));
  await turn();
  expect(pieces).toHaveLength(1);
  pieces[0]?.end();
  expect(await first).toBe("a done");
  await turn();
  expect(pieces.map(({ items }) => items)).toEqual([["a"], ["b", "c"]]);
  pieces[1]?.end();
  expect(joint.isIdle).toBe(false);
  expect(await Promise.all(others)).toEqual(["b done", "c done"]);
  expect(joint.isIdle).toBe(true);
});

it("fails everybody of a piece that fails, and nobody of the next one", async () => {
  const { joint, pieces } = holdWork({ mostAtOnce: 2 });
  const outcomes = Promise.allSettled(["a", "b", "c"].map((item) => joint.add(item)));
  await turn();
  await turn();
  pieces[0]?.fail(new Error("lost"));
  await turn();
  await turn();
  pieces[1]?.end();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
});

it("makes no piece larger than it may be, but for what is too large by itself", async () => {
  const { joint, pieces } = holdWork({ mostAtOnce: 10 });
  const all = [4, 6, 1, 50, 2].map((size, index) => joint.add(String(index), size));
  for (let piece = 0; piece < 4; piece++) {
    await turn();
    await turn();
    pieces[piece]?.end();
  }
  await Promise.all(all);
  expect(pieces.map(({ items }) => items)).toEqual([["0", "1"], ["2"], ["3"], ["4"]]);
});

it("refuses at once what there is no room for, and has room again when the work goes on", async () => {
  const { joint, pieces } = holdWork({ room: { mostWaiting: 10, refusal: "There is no room." } });
  const first = joint.add("a");
  await turn();
  await turn();
  const waiting = joint.add("b", 8);
  await expect(joint.add("c", 3)).rejects.toMatchObject({ code: "overloaded", message: "There is no room." });
  const fits = joint.add("d", 2);
  pieces[0]?.end();
  await first;
  await turn();
  const later = joint.add("e", 10);
  pieces[1]?.end();
  expect(await Promise.all([waiting, fits])).toEqual(["b done", "d done"]);
  await turn();
  pieces[2]?.end();
  expect(await later).toBe("e done");
});

it("begins in the same moment as other work of its beat, once all that is under way has ended, failed or not", async () => {
  const beat = new Beat();
  const [storing, counting] = [holdWork({ beat }), holdWork({ beat })];
  const first = [storing.joint.add("a"), counting.joint.add("1")];
  await turn();
  await turn();
  const next = [storing.joint.add("b"), counting.joint.add("2")];
  counting.pieces[0]?.fail(new Error("lost"));
  expect((await Promise.allSettled(first.slice(1))).map(({ status }) => status)).toEqual(["rejected"]);
  await turn();
  await turn();
  expect([storing.pieces.length, counting.pieces.length]).toEqual([1, 1]);
  storing.pieces[0]?.end();
  expect(await first[0]).toBe("a done");
  await turn();
  expect([storing.pieces.length, counting.pieces.length]).toEqual([2, 2]);
  storing.pieces[1]?.end();
  counting.pieces[1]?.end();
  expect(await Promise.all(next)).toEqual(["b done", "2 done"]);
});

it("begins with the moment after while one is under way where two may be, and with the next once the oldest has ended", async () => {
  const { joint, pieces } = holdWork({ beat: new Beat(2) });
  const asked = [];
  for (const item of ["a", "b", "c", "d"]) {
    asked.push(joint.add(item));
    await turn();
    await turn();
  }
  expect(pieces.map(({ items }) => items)).toEqual([["a"], ["b"]]);
  pieces[1]?.end();
  expect(await asked[1]).toBe("b done");
  await turn();
  expect(pieces).toHaveLength(2);
  pieces[0]?.end();
  expect(await asked[0]).toBe("a done");
  await turn();
  expect(pieces.map(({ items }) => items)).toEqual([["a"], ["b"], ["c", "d"]]);
  pieces[2]?.end();
  expect(await Promise.all(asked.slice(2))).toEqual(["c done", "d done"]);
});
