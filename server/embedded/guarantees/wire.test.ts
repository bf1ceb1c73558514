import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { readLock } from "../lock-file";
import { int32, makeBody, makeMessage, makeOpMsg, makeSequence, readAnswer, sendBytes } from "./raw-wire";
import { readFaults, useRunningServer } from "./running-server";
import { SEED } from "./settings";

const { BSON } = mongoose.mongo;
const server = useRunningServer();
const address = () => readLock(server.folder)?.address ?? "";

const PING = { ping: 1, $db: "admin" };
const INSERT = { insert: "odd", documents: [{}], $db: "wire" };
/** A body section around bytes that only claim to be a document. */
const rawBody = (bytes: string) => Buffer.from(`\0${bytes}`, "latin1");
const element = (bytes: string) => makeOpMsg([rawBody(`${String.fromCharCode(bytes.length + 5)}\0\0\0${bytes}\0`)]);

/** What is not a message: the server closes the connection without a word. */
const GARBAGE: [kind: string, frame: Buffer][] = [
  ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
  ["a length of 0", Buffer.alloc(16)],
  ["a length of 15", makeMessage(2013, Buffer.alloc(10), 15)],
  ["a negative length", makeMessage(2013, Buffer.alloc(10), -1)],
  ["the smallest length", makeMessage(2013, Buffer.alloc(10), -2147483648)],
  ["the largest length", makeMessage(2013, Buffer.alloc(10), 2147483647)],
  ["a length just over the limit", makeMessage(2013, Buffer.alloc(10), 48_000_000 + 16_385)],
  ["nothing but a header", makeMessage(2013, Buffer.alloc(0))],
  ["no section", makeOpMsg([])],
  ["OP_QUERY of noise", makeMessage(2004, Buffer.alloc(30, 255))],
  ["OP_COMPRESSED, which was not agreed on", makeMessage(2012, Buffer.concat([int32(2013), int32(30), Buffer.alloc(21, 1)]))],
  ["OP_INSERT", makeMessage(2002, Buffer.concat([int32(0), Buffer.from("a.b\0"), BSON.serialize({ a: 1 })]))],
  ["OP_COMMAND", makeMessage(2010, Buffer.alloc(8))],
  ["OP_REPLY", makeMessage(1, Buffer.alloc(20))],
  ["an operation that never was", makeMessage(-7, Buffer.alloc(20))],
  ["an unknown required flag", makeOpMsg([makeBody(PING)], 0x80)],
  ["a checksum that is not there", makeOpMsg([makeBody(PING)], 1)],
  ["an unknown kind of section", makeOpMsg([Buffer.from([9, 1, 2, 3])])],
  ["two bodies", makeOpMsg([makeBody(PING), makeBody(PING)])],
  ["a sequence but no body", makeOpMsg([makeSequence("documents", [Buffer.from(BSON.serialize({ a: 1 }))])])],
  ["the same sequence twice", makeOpMsg([makeBody(PING), makeSequence("a", []), makeSequence("a", [])])],
  ["a sequence of negative length", makeOpMsg([makeBody(PING), makeSequence("a", [], -5)])],
  ["a sequence longer than its message", makeOpMsg([makeBody(PING), makeSequence("a", [], 5000)])],
  ["a sequence whose name does not end", makeOpMsg([makeBody(PING), Buffer.from([1, 6, 0, 0, 0, 65, 66])])],
  ["a sequence that cuts a document", makeOpMsg([makeBody(PING), makeSequence("a", [makeBody({ a: 1 }).subarray(1, 9)])])],
  ["a document of length 4", makeOpMsg([rawBody("\x04\0\0\0")])],
  ["a document of negative length", makeOpMsg([rawBody("\xff\xff\xff\xff\0")])],
  ["a document longer than its message", makeOpMsg([rawBody("\xff\0\0\0\0")])],
  ["a document that does not end with 0", makeOpMsg([rawBody("\x05\0\0\0\x07")])],
  ["a document cut in the middle", makeOpMsg([makeBody(PING).subarray(0, 12)])],
  ["bytes after the document", makeOpMsg([makeBody(PING), Buffer.from([0])])],
  ["a string longer than its document", element("\x02a\0\xff\xff\xff\x7fxyz\0")],
  ["a string of negative length", element("\x02a\0\xff\xff\xff\xffxyz\0")],
  ["a string of length 0", element("\x02a\0\0\0\0\0")],
  ["a string that does not end with 0", element("\x02a\0\x02\0\0\0xy")],
  ["a string that is not UTF-8", element("\x02ping\0\x03\0\0\0\xff\xfe\0")],
  ["an inner document longer than its own", element("\x03a\0\x7f\0\0\0\0")],
  ["an inner document of length 0", element("\x03a\0\0\0\0\0")],
  ["an array of negative length", element("\x04a\0\xf0\xff\xff\xff\0")],
  ["a binary of negative length", element("\x05a\0\xff\xff\xff\xff\0")],
  ["a binary longer than its document", element("\x05a\0\x7f\0\0\0\0xyz")],
  ["an int64 that is cut", element("\x12a\0\x01\x02")],
  ["a regular expression that does not end", element("\x0ba\0abc")],
  ["an element of an unknown type", element("\x21a\0\x01")],
  ["a name that does not end", element("\x10aaaa")],
];

const send = (pieces: readonly Buffer[], options = {}) => sendBytes(address(), pieces, options);

async function expectServed(): Promise<void> {
  expect(await server.client.db("admin").command({ ping: 1 })).toMatchObject({ ok: 1 });
  expect(readFaults(server.folder)).toBe("");
}

describe("a connection that sends what is not a message", () => {
  it.each(GARBAGE)("is closed without an answer, and others are served: %s", async (_kind, frame) => {
    expect(await send([frame])).toEqual({ answers: Buffer.alloc(0), isClosed: true });
    await expectServed();
  });

  it("is closed when it ends in the middle of a message", async () => {
    const message = makeOpMsg([makeBody(PING)]);
    for (const cut of [1, 3, 4, 15, 16, 20, 21, message.length - 1]) {
      expect(await send([message.subarray(0, cut)], { ends: true })).toEqual({ answers: Buffer.alloc(0), isClosed: true });
    }
    await expectServed();
  });

  it("is closed, or refused, when its document is nested without end", async () => {
    const levels = 100_000;
    const document = Buffer.alloc(levels * 8 + 5);
    for (let level = 0; level < levels; level += 1) {
      document.writeInt32LE(document.length - level * 8, level * 7);
      document.write("\x03a\0", level * 7 + 4, "latin1");
    }
    document.writeInt32LE(5, levels * 7);
    const outcome = await send([makeOpMsg([Buffer.from([0]), document])]);
    expect(outcome.isClosed || readAnswer(outcome).ok === 0).toBe(true);
    await expectServed();
  });

  it("loses only what it sent after the last whole message", async () => {
    const outcome = await send([makeOpMsg([makeBody(PING)]), Buffer.from("nonsense nonsense")], { ends: true });
    expect(outcome.isClosed).toBe(true);
    await expectServed();
  });
});

describe("a connection that sends messages oddly", () => {
  it("is answered when its message comes byte by byte", async () => {
    const message = makeOpMsg([makeBody(PING)]);
    const outcome = await send([...message].map((byte) => Buffer.from([byte])));
    expect(readAnswer(outcome)).toMatchObject({ ok: 1 });
  });

  it("is answered in order when many messages come in one piece", async () => {
    const messages = Array.from({ length: 300 }, (_, index) => {
      const message = makeOpMsg([makeBody(PING)]);
      message.writeInt32LE(index + 1, 4);
      return message;
    });
    const { answers } = await send([Buffer.concat(messages)], { ends: true });
    const answered: number[] = [];
    for (let at = 0; at < answers.length; at += answers.readInt32LE(at)) answered.push(answers.readInt32LE(at + 8));
    expect(answered).toEqual(messages.map((_, index) => index + 1));
  });

  const lsid = { id: new BSON.UUID() };

  it.each<[string, Buffer, object]>([
    ["a checksum", makeOpMsg([makeBody(PING), int32(0)], 1), { ok: 1 }],
    ["a sequence before the body", makeOpMsg([makeSequence("documents", []), makeBody({ ...PING })]), {}],
    ["an empty document", makeOpMsg([makeBody({})]), { ok: 0, code: 59 }],
    ["no database", makeOpMsg([makeBody({ ping: 1 })]), {}],
    ["a database that is a number", makeOpMsg([makeBody({ ping: 1, $db: 7 })]), {}],
    ["a session that is none", makeOpMsg([makeBody({ ...INSERT, lsid: 5 })]), { ok: 0, code: 14 }],
    ["a transaction number that is text", makeOpMsg([makeBody({ ...INSERT, lsid, txnNumber: "x" })]), { ok: 0, code: 14 }],
    ["a command called __proto__", element("\x10__proto__\0\x01\0\0\0"), { ok: 0, code: 59 }],
    ["a command called constructor", makeOpMsg([makeBody({ constructor: 1, $db: "a" })]), { ok: 0, code: 59 }],
  ])("gets an answer to a message with %s", async (_kind, message, expected) => {
    expect(readAnswer(await send([message]))).toMatchObject(expected);
    await expectServed();
  });

  it("is not answered when it asked for that, and the command is run all the same", async () => {
    const insert = makeOpMsg([makeBody({ insert: "quiet", documents: [{ _id: 1 }], writeConcern: { w: 0 }, $db: "wire" })], 2);
    const count = makeOpMsg([makeBody({ count: "quiet", $db: "wire" })]);
    expect(readAnswer(await send([insert, count]))).toMatchObject({ n: 1, ok: 1 });
  });
});

/** The same numbers for the same seed. */
function makeRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state % limit;
  };
}

/** A copy with one to four bytes changed, moved, cut or added. */
function mutate(message: Buffer, below: (limit: number) => number): Buffer {
  let out: Buffer = Buffer.from(message);
  for (let changes = 1 + below(4); changes > 0; changes -= 1) {
    const at = below(out.length);
    const kind = below(6);
    if (kind < 3) out[at] = kind === 0 ? below(256) : kind === 1 ? (out[at] ?? 0) ^ (1 << below(8)) : 255;
    else if (kind === 3) out = Buffer.concat([out.subarray(0, at), out.subarray(Math.min(out.length, at + 1 + below(4)))]);
    else if (kind === 4) out = Buffer.concat([out.subarray(0, at), Buffer.alloc(1 + below(4), below(256)), out.subarray(at)]);
    else if (at + 4 <= out.length) out.writeInt32LE([0, -1, 1, 5, 2147483647, -2147483648, out.length, out.length - 16][below(8)] ?? 0, at);
    if (out.length === 0) return Buffer.alloc(1);
  }
  // Half keep a fitting length, else hardly one would be looked into.
  if (out.length >= 16 && below(8) > 0) out.writeInt32LE(out.length, 0);
  return out;
}

const ROUNDS = 10_000;
const AT_ONCE = 50;

describe("messages changed at random", () => {
  it(`are answered or end their connection, and harm nobody (EMBEDDED_SEED=${SEED})`, async () => {
    const below = makeRandom(SEED);
    const documents = [Buffer.from(BSON.serialize({ _id: 1, a: [{ b: 1.5 }, "x", null], d: new Date(0), o: new BSON.ObjectId() }))];
    const originals = [
      makeOpMsg([makeBody({ insert: "random", $db: "wire", ordered: false }), makeSequence("documents", documents)]),
      makeOpMsg([makeBody({ find: "random", filter: { a: { $gt: 1, $in: [1, /x/i] } }, sort: { a: 1 }, limit: 2, $db: "wire" })]),
      makeOpMsg([makeBody({ update: "random", updates: [{ q: { _id: 1 }, u: { $set: { "a.0": 1 } }, upsert: true }], $db: "wire" })]),
      makeOpMsg([makeBody({ aggregate: "random", pipeline: [{ $group: { _id: "$a", n: { $sum: 1 } } }], cursor: {}, $db: "wire" })]),
      makeMessage(2004, Buffer.concat([int32(0), Buffer.from("admin.$cmd\0"), int32(0), int32(-1), BSON.serialize({ isMaster: 1 })])),
    ];
    const guard = server.client.db("guard").collection<{ _id: number }>("rows");
    await guard.insertOne({ _id: 1 });
    let answered = 0;
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const frames = Array.from({ length: AT_ONCE }, () => mutate(originals[below(originals.length)] ?? Buffer.alloc(0), below));
      const sent = Promise.all(frames.map((frame) => send([frame], { ends: true })));
      expect(await guard.findOne()).toEqual({ _id: 1 });
      answered += (await sent).filter(({ answers }) => answers.length > 0).length;
    }
    await expectServed();
    // Else the changes were so coarse that nothing behind the framing was tried.
    expect(answered).toBeGreaterThan(ROUNDS / 10);
  });
});
