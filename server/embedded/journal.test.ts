import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Journal, JOURNAL_BYTES, readJournal, type Write } from "./journal";

const SALT = 0x12345678;
let folder: string;
let file: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-journal-"));
  file = path.join(folder, "journal");
});

afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const make = (sequence = 0) => new Journal(file, { salt: SALT, sequence }, 0);
const read = (sequence = 0, salt = SALT) => readJournal(file, { salt, sequence });
const put = (key: string, value: Buffer | null = Buffer.from(`value of ${key}`)): Write => ({ key: Buffer.from(key), value });
const keysOf = (units: Write[][]) => units.map((unit) => unit.map(({ key }) => key.toString()));

function fill(...units: Write[][]): Journal {
  const journal = make();
  for (const unit of units) expect(journal.append(unit)).toBe(true);
  return journal;
}

function change(at: number): void {
  const bytes = fs.readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
  fs.writeFileSync(file, bytes);
}

describe("what the journal gives back", () => {
  it("is every unit in its order: values, empty ones, removed keys", () => {
    const units = [[put("a"), put("b", null)], [put("c", Buffer.alloc(0))], [put("d", Buffer.alloc(60_000, 7)), put("a", null)]];
    fill(...units).close();
    expect(read().units).toEqual(units);
  });

  it("are those after a number alone, and none of before the last restart", () => {
    const journal = fill([put("a")], [put("b")], [put("c")]);
    const { sequence } = journal.nextState;
    journal.restart();
    expect(read(sequence).units).toEqual([]);
    journal.append([put("d")]);
    expect(keysOf(read(sequence).units)).toEqual([["d"]]);
    journal.close();
  });

  it("ends before a record that was not finished, wherever it was cut or changed", () => {
    fill([put("a")], [put("b")]).close();
    const whole = fs.readFileSync(file);
    const begin = read(0).end / 2;
    for (let at = begin; at < 2 * begin; at += 1) {
      const torn = Buffer.from(whole);
      torn.fill(0, at);
      if (torn.equals(whole)) continue;
      fs.writeFileSync(file, torn);
      expect(keysOf(read().units), `cut at ${at}`).toEqual([["a"]]);
      fs.writeFileSync(file, whole);
      change(at);
      expect(keysOf(read().units), `changed at ${at}`).toEqual([["a"]]);
      fs.writeFileSync(file, whole);
    }
  });

  it("is nothing where it was emptied, or is another store's", () => {
    fill([put("a")]).close();
    expect(read(0, SALT + 1).units).toEqual([]);
    fs.truncateSync(file, 0);
    expect(read()).toEqual({ units: [], end: 0 });
    fill([put("b")]).close();
    expect(keysOf(read().units)).toEqual([["b"]]);
  });
});

describe("a journal that cannot be believed is refused in one line", () => {
  it("when a record in its midst is damaged", () => {
    fill([put("a")], [put("b")], [put("c")]).close();
    const { end } = read();
    for (const at of [0, 5, 30, end / 3, end / 2]) {
      change(Math.floor(at));
      expect(read).toThrow(/^.*journal is damaged, or not of the same moment as data\.mdb \(after unit \d comes \d\); nothing was changed: [^\n]*$/);
      change(Math.floor(at));
    }
    expect(read().units).toHaveLength(3);
  });

  it("when its units do not go on where the data ends", () => {
    for (const later of [7, 1_000_000]) {
      make(later).append([put("a")]);
      expect(() => read(5)).toThrow(`after unit 5 comes ${later + 1}`);
      expect(read(later + 1).units).toEqual([]);
    }
  });

  it("when it is not there, or has lost its end", () => {
    expect(() => read()).toThrow(/^.*journal is missing; nothing was changed: [^\n]*$/);
    fill([put("a")]).close();
    for (const length of [JOURNAL_BYTES - 1, 100, 1]) {
      fs.truncateSync(file, length);
      expect(() => read()).toThrow(`(${length} of its ${JOURNAL_BYTES} bytes are there)`);
    }
  });

  it("but not for the bytes of another record in a value", () => {
    fill([put("a")]).close();
    const forged = fs.readFileSync(file).subarray(0, read().end);
    forged.writeBigUInt64LE(99n, 16);
    fs.rmSync(file);
    fill([put("b", Buffer.alloc(4096, forged))], [put("c")]).close();
    change(read().end - 9);
    expect(keysOf(read().units)).toEqual([["b"]]);
  });
});

it("is made as a whole, or not at all", () => {
  vi.spyOn(fs, "fsyncSync").mockImplementationOnce(() => {
    throw new Error("ENOSPC: no space left on device, fsync");
  });
  expect(() => make()).toThrow("ENOSPC");
  expect(fs.readdirSync(folder)).toEqual([]);
  make().close();
  expect(fs.readdirSync(folder)).toEqual(["journal"]);
  expect(fs.statSync(file).size).toBe(JOURNAL_BYTES);
});

describe("a unit", () => {
  it("that is too long, or finds no room, is not taken, and nothing is written", () => {
    const journal = make();
    expect(journal.append([put("a", Buffer.alloc(70_000))])).toBe(false);
    const unit = [put("a", Buffer.alloc(60_000, 1))];
    let taken = 0;
    while (journal.append(unit)) taken += 1;
    expect(taken).toBe(Math.floor(JOURNAL_BYTES / 60_100));
    expect(read().units).toHaveLength(taken);
    expect(fs.statSync(file).size).toBe(JOURNAL_BYTES);
    journal.restart();
    expect(journal.append(unit)).toBe(true);
    journal.close();
  });

  it("that the disk takes in pieces is there as a whole, before it counts as written", () => {
    const journal = fill([put("a")]);
    const write = fs.writeSync.bind(fs);
    const pieces: number[] = [];
    vi.spyOn(fs, "writeSync").mockImplementation((descriptor: number, bytes: unknown, at?: unknown, length?: unknown, position?: unknown) => {
      if (!Buffer.isBuffer(bytes)) throw new Error("Something else than a record was written.");
      pieces.push(write(descriptor, bytes, Number(at), Math.min(Number(length), 40), Number(position)));
      return pieces.at(-1) ?? 0;
    });
    journal.append([put("b", Buffer.alloc(100, 3))]);
    expect(pieces.length).toBeGreaterThan(2);
    expect(read().units).toEqual([[put("a")], [put("b", Buffer.alloc(100, 3))]]);
    journal.close();
  });

  it("that the disk refused is not there, and the next one has its place", () => {
    const journal = fill([put("a")]);
    vi.spyOn(fs, "fdatasyncSync").mockImplementationOnce(() => {
      throw new Error("EIO: i/o error, fdatasync");
    });
    expect(() => journal.append([put("b"), put("c")])).toThrow("EIO");
    expect(keysOf(read().units)).toEqual([["a"]]);
    journal.append([put("d")]);
    journal.close();
    expect(keysOf(read().units)).toEqual([["a"], ["d"]]);
  });
});
