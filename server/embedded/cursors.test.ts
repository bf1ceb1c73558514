import { describe, expect, it } from "vitest";
import { serializeDocument } from "./bson";
import { Cursors, type DocumentSource } from "./cursors";
import { Deadline } from "./deadline";
import { MongoServerFault } from "./errors";

function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => (error instanceof MongoServerFault ? error.code : error),
  );
}

/** One document, then nothing for as long as it takes. */
async function openSlow() {
  const state = { isEnded: false, isReady: false };
  const document = serializeDocument({ n: 1 });
  function* draw(): DocumentSource {
    try {
      yield document;
      while (!state.isReady) yield undefined;
      yield document;
    } finally {
      state.isEnded = true;
    }
  }
  const cursors = new Cursors();
  const { cursorId: id } = await cursors.open("test.rows", draw(), new Deadline(), { batchSize: 0 });
  const request = { id, namespace: "test.rows", transaction: null, batchSize: 0, waitMs: 0 };
  return { cursors, id, request, state };
}

it("a cursor is refused to who names another collection, and left to its own", async () => {
  const { cursors, request, state } = await openSlow();
  state.isReady = true;
  expect(await codeOf(cursors.next({ ...request, namespace: "test.other" }))).toBe(13);
  expect((await cursors.next(request)).batch).toHaveLength(2);
});

describe("a cursor that a getMore draws from", () => {
  it("is found by who kills it, and ends", async () => {
    const { cursors, id, request, state } = await openSlow();
    const drawing = codeOf(cursors.next(request));
    expect(cursors.kill(id)).toBe(true);
    expect(await drawing).toBe(237);
    expect([state.isEnded, cursors.size]).toEqual([true, 0]);
    expect(await codeOf(cursors.next(request))).toBe(43);
  });

  it("is not another one's at the same time, and is afterwards what it was", async () => {
    const { cursors, request, state } = await openSlow();
    const drawing = cursors.next(request);
    expect(await codeOf(cursors.next(request))).toBe(143);
    state.isReady = true;
    expect((await drawing).batch).toHaveLength(2);
    expect(cursors.size).toBe(0);
  });
});
