import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Store } from "./store";

const KEY = Buffer.from("sone");
const MEBIBYTE = 2 ** 20;
let folder = "";
let free: number | null = null;
let store: Store;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "space-"));
  free = 64 * MEBIBYTE;
  store = Store.open(folder, () => free);
});

afterEach(async () => {
  await store.close();
  fs.rmSync(folder, { recursive: true });
});

const put = (bytes: number) => store.txn(() => store.put(KEY, Buffer.alloc(bytes, 1)));
const readFile = () => fs.readFileSync(path.join(folder, "data.mdb"));

it("a transaction for which the disk may be too full is refused before a byte of it is written, and reading goes on", () => {
  put(10);
  const before = readFile();
  free = MEBIBYTE;
  expect(() => put(20)).toThrow(`No space left on device: ${MEBIBYTE} bytes are free`);
  expect(readFile().equals(before)).toBe(true);
  expect(store.get(KEY)?.length).toBe(10);
});

it("what a transaction may take is counted by its entries and their bytes, and from nothing for the next one", () => {
  free = 3 * MEBIBYTE;
  const many = () => store.txn(() => Array.from({ length: 1_000 }, (_, n) => store.put(Buffer.from(`s${n}`), KEY)));
  expect(many).toThrow("No space left on device");
  expect(() => put(2 * MEBIBYTE)).toThrow("No space left on device");
  put(10);
  free = 16 * MEBIBYTE;
  many();
  put(2 * MEBIBYTE);
  expect(store.get(KEY)?.length).toBe(2 * MEBIBYTE);
});

it("writing goes on once there is space, and where the file system does not say how much there is", () => {
  free = 0;
  expect(() => put(10)).toThrow("No space left on device");
  free = 64 * MEBIBYTE;
  put(10);
  free = null;
  put(20);
  expect(store.get(KEY)?.length).toBe(20);
});
