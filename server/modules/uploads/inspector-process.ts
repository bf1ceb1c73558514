import "server-only";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { env } from "@/server/core/env";
import type { StoredFile } from "@/server/modules/uploads/stored-file";

/** From the program's start to its answer. With the wait for a place everything is answered within 15 seconds. */
export const WALL_CLOCK_MS = 12_000;
/** Ends a program whose service has died before it could kill it. */
const CPU_SECONDS = 30;
/** What a model may have: a session takes about three times its file, and weights that are laid out anew once more. */
const BASE_MIB = 1_024;
const FILE_TIMES = 7;
const HEAP_MIB = 768;
/** Address space that Node and the inference engine reserve for themselves; what reads TypeScript reserves 12 GiB for its WebAssembly. */
const BUNDLE_MIB = 1_024;
const SOURCE_MIB = 14_336;
const HEAD_BYTES = 8;
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;
const MOST_NOTES = 16 * 1024;

export type Stage = "start" | "load" | "run";

/** How a program ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** What it was busy with last. */
  stage: Stage;
  timedOut: boolean;
  /** Why it could not be asked to the end; null when it was. */
  failure: unknown;
  /** What it wrote beside its answer, cut. It may quote the model: for nobody to read. */
  notes: string;
  json: Buffer | null;
  /** Bytes behind its answer. */
  file: Uint8Array;
}

/** The memory a model may have, by the size of its file, in MiB. */
export function memoryFor(file: StoredFile): number {
  return BASE_MIB + Math.ceil((file.bytes * FILE_TIMES) / 1024 / 1024);
}

interface Program {
  arguments: string[];
  /** What it reserves before it looks at any file, in MiB. */
  reserves: number;
}

/** How the program is started: from the bundle of a build, else from its source. */
function findProgram(): Program {
  // Not for the bundler to follow: it is a program of its own.
  const root = /* turbopackIgnore: true */ process.cwd();
  const bundle = path.join(root, ".cache", "inspector.mjs");
  if (env().production && existsSync(bundle)) return { arguments: [bundle], reserves: BUNDLE_MIB };
  const source = path.join(root, "server", "modules", "predict", "inspector", "main.admin.ts");
  return { arguments: ["--conditions=react-server", "--import", "tsx", source], reserves: SOURCE_MIB };
}

/** Starts the program in a process group of its own, with little memory and without anything of our environment. */
function startProgram(memoryMib: number): ChildProcess {
  const program = findProgram();
  const addressSpace = (memoryMib + program.reserves) * 1024;
  // Behind everything that customers wait for.
  const limits = `ulimit -c 0; ulimit -t ${CPU_SECONDS}; ulimit -v ${addressSpace}; exec nice -n 10 "$0" "$@"`;
  // The handler would reserve 8 GiB more for every WebAssembly module.
  const flags = [`--max-old-space-size=${HEAP_MIB}`, "--disable-wasm-trap-handler"];
  return spawn("/bin/sh", ["-c", limits, process.execPath, ...flags, ...program.arguments], {
    cwd: /* turbopackIgnore: true */ process.cwd(),
    // The inference engine would send statistics about itself to its maker, and keep them in the home folder.
    env: { NODE_ENV: "production", PATH: "/usr/local/bin:/usr/bin:/bin", ORT_DISABLE_TELEMETRY: "1" },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
}

/** Kills the program with everything it started. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

async function sendQuestion({ stdin }: ChildProcess, json: Buffer, file: StoredFile): Promise<void> {
  if (!stdin) throw new Error("The program takes no question.");
  // A program that ended before it was asked to the end closes the pipe; how it ended says more than that.
  stdin.on("error", () => undefined);
  const closed = new Promise((resolve) => void stdin.once("close", resolve));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(json.length, 0);
  head.writeUInt32BE(file.bytes, 4);
  stdin.write(Buffer.concat([head, json]));
  for await (const part of file.parts()) {
    if (!stdin.writable) return;
    if (!stdin.write(part)) await Promise.race([new Promise((resolve) => void stdin.once("drain", resolve)), closed]);
  }
  stdin.end();
}

/** Gathers what comes, up to a size. @returns the parts so far; asking for more than the size calls `overflow` once */
function gather(stream: NodeJS.ReadableStream | null, most: number, overflow: () => void): Buffer[] {
  const parts: Buffer[] = [];
  let size = 0;
  stream?.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= most) parts.push(chunk);
    else overflow();
  });
  return parts;
}

/** The answer and the bytes behind it; no answer unless all of it came. */
function readFrame(output: Buffer): Pick<Ended, "json" | "file"> {
  const none = { json: null, file: new Uint8Array(0) };
  if (output.length < HEAD_BYTES) return none;
  const end = HEAD_BYTES + output.readUInt32BE(0);
  if (output.length !== end + output.readUInt32BE(4)) return none;
  return { json: output.subarray(HEAD_BYTES, end), file: output.subarray(end) };
}

const stageOf = (notes: string): Stage => (notes.includes("stage:run\n") ? "run" : notes.includes("stage:load\n") ? "load" : "start");

/**
 * Asks the program that opens foreign files one question about one file. The program has little memory and time, and is gone with
 * everything it started when this resolves.
 */
export async function runInspector(question: object, file: StoredFile): Promise<Ended> {
  const child = startProgram(memoryFor(file));
  let timedOut = false;
  let failure: unknown = null;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, WALL_CLOCK_MS);
  const output = gather(child.stdout, file.bytes + MOST_ANSWER_BYTES, () => killGroup(child));
  const noted = gather(child.stderr, MOST_NOTES, () => undefined);
  void sendQuestion(child, Buffer.from(JSON.stringify(question)), file).catch((error: unknown) => {
    failure = error;
    killGroup(child);
  });
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (...how) => resolve(how));
    });
    const notes = Buffer.concat(noted).toString("latin1");
    return { code, signal, stage: stageOf(notes), timedOut, failure, notes, ...readFrame(Buffer.concat(output)) };
  } finally {
    clearTimeout(timer);
    killGroup(child);
  }
}
