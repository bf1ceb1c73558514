import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { describeClientTypes } from "@/bin/client-types";

const ROOT = resolve(import.meta.dirname, "..");
const TYPES = join(ROOT, ".cache", "client", "vitrine.d.ts");
const consumer = (name: string) => join(ROOT, "e2e", "consumer", name);
let text: string;

beforeAll(async () => {
  text = describeClientTypes();
  await mkdir(join(TYPES, ".."), { recursive: true });
  await writeFile(TYPES, text);
}, 60_000);

/** Compiles a file as somebody would who has the published types and nothing else of the project. */
function compile(file: string): readonly ts.Diagnostic[] {
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
    paths: { vitrine: [TYPES] },
  });
  return ts.getPreEmitDiagnostics(program);
}

describe("the published types", () => {
  it("stand alone: they name nothing but tRPC's own package", () => {
    const imported = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, name]) => name);
    expect(imported).toEqual(["@trpc/client", "./vitrine", "@trpc/server"]);
    expect(compile(TYPES)).toEqual([]);
  });

  it("are the same text each time", () => {
    expect(describeClientTypes()).toBe(text);
  }, 60_000);

  it("let a right program compile", () => {
    const problems = compile(consumer("right.ts")).map((problem) => ts.flattenDiagnosticMessageText(problem.messageText, "\n"));
    expect(problems).toEqual([]);
  }, 60_000);

  it("let none of a wrong program's mistakes compile", async () => {
    const source = await readFile(consumer("wrong.ts"), "utf8");
    const marked = source.split("\n").flatMap((line, index) => (line.includes("// wrong") ? [index] : []));
    const lines = compile(consumer("wrong.ts")).map((problem) => problem.file?.getLineAndCharacterOfPosition(problem.start ?? 0).line);
    expect([...new Set(lines)].sort((a, b) => Number(a) - Number(b))).toEqual(marked);
  }, 60_000);
});
