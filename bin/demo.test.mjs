import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sentenceOf } from "./support/database.mjs";
import { parsePort } from "./support/port.mjs";
import { run } from "./support/process.mjs";
import { requireNode } from "./support/project.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "vd-"));
const other = createServer();

beforeAll(async () => {
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
});
afterAll(() => {
  other.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("npm run demo", () => {
  it("says in one line that the port is taken and how to choose another, before it does anything", async () => {
    const { port } = other.address();
    const result = await run(process.execPath, ["bin/demo.mjs"], { env: { PORT: String(port) } });
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(new RegExp(`^✗ Port ${port} is taken by another program\\. .*PORT=\\d+ npm run demo\\n$`));
  });

  it("says in one line that a port is none", async () => {
    const result = await run(process.execPath, ["bin/demo.mjs"], { env: { PORT: "many" } });
    expect(result).toMatchObject({ code: 1, stdout: "", stderr: '✗ PORT must be a number from 1 to 65535, not "many".\n' });
  });

  it("says in one line that the data folder cannot be used", async () => {
    writeFileSync(path.join(folder, "data.mdb"), "this is no database ".repeat(1_000));
    const script =
      'import("./bin/support/database.mjs").then(({ loadDemoModels }) => import("./bin/support/say.mjs").then(({ main }) => main(loadDemoModels)))';
    const result = await run(process.execPath, ["-e", script], { env: { VITRINE_DATA: folder, MONGODB_URI: "" } });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^✗ The demo models could not be loaded: .+\n$/);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });
});

describe("the commands", () => {
  it("refuse a Node that is too old, in one line, and take newer ones", () => {
    expect(() => requireNode("18.19.0")).toThrow(/^Vitrine needs Node 20\.20 or newer; this is Node 18\.19\.0\.$/);
    expect(() => requireNode("20.9.0")).toThrow(/20\.20 or newer/);
    expect(() => requireNode("20.20.0")).not.toThrow();
    expect(() => requireNode("26.1.0")).not.toThrow();
  });

  it("read ports strictly", () => {
    expect(parsePort(undefined, 3_000)).toBe(3_000);
    expect(parsePort("8080", 3_000)).toBe(8_080);
    for (const text of ["70000", "-1", "80.5", "0x50", "80 "]) expect(() => parsePort(text, 3_000)).toThrow(/PORT must be/);
  });

  it("find the sentence of a failure in what a program wrote", () => {
    expect(sentenceOf("node:internal\n\nTypeError: It broke: here\n    at a.ts:1\n\nNode.js v20")).toBe("It broke: here");
    expect(sentenceOf("The data folder is damaged\n")).toBe("The data folder is damaged");
  });
});
