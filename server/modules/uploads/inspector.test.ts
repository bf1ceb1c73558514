import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { encodeField } from "@/server/modules/predict/protobuf";
import { inspectFile } from "@/server/modules/uploads/inspector-calls";
import type { StoredFile } from "@/server/modules/uploads/stored-file";
import {
  BOOL,
  createModel,
  FLOAT,
  floats,
  identity,
  INT64,
  int64s,
  intsAttribute,
  message,
  node,
  opset,
  readDemoFile,
  tensorType,
  valueInfo,
  varint,
} from "@/server/modules/predict/inspector/test-support";

const MIB = 1024 * 1024;

/** A file that lies in memory, in the parts it would be stored in. */
function stored(bytes: Uint8Array): StoredFile {
  async function* parts() {
    for (let start = 0; start < bytes.length; start += 3 * MIB) yield Promise.resolve(bytes.subarray(start, start + 3 * MIB));
  }
  return { bytes: bytes.length, parts };
}

const inspect = (bytes: Uint8Array) => inspectFile(stored(bytes), "model.onnx", null);

async function refusalOf(work: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  const thrown: unknown = await work.then(
    () => new Error("It was taken."),
    (error: unknown) => error,
  );
  if (!(thrown instanceof Error)) throw new Error("Something else was thrown.");
  return { code: "code" in thrown ? thrown.code : null, message: thrown.message };
}

const churn = readDemoFile("customer-churn");
const conjure = node({ op: "Conjure", from: ["x"], to: ["y"] });
type Case = [what: string, create: () => Uint8Array, words: RegExp];

/** Asks for 40 TB: ten million million floats, all zero. */
const memoryBomb = createModel({
  graph: [
    int64s("size", [1], [10_000_000_000_000]),
    node({ op: "ConstantOfShape", from: ["size"], to: ["large"] }),
    node({ op: "ReduceSum", from: ["large"], to: ["sum"] }),
    node({ op: "Add", from: ["x", "sum"], to: ["y"] }),
  ],
});

/** The same by the shape of the input. */
const expansion = createModel({
  graph: [
    int64s("size", [2], [1, 10_000_000_000_000]),
    node({ op: "Expand", from: ["x", "size"], to: ["large"] }),
    node({ op: "ReduceSum", from: ["large"], to: ["sum"] }),
    node({ op: "Add", from: ["x", "sum"], to: ["y"] }),
  ],
});

/** A constant that the runtime computes while it loads the model: four million greatest values of four million each. */
const heavyConstants = createModel({
  graph: [
    int64s("size", [4], [1, 1, 4_000, 4_000]),
    node({ op: "ConstantOfShape", from: ["size"], to: ["large"] }),
    node({ op: "MaxPool", from: ["large"], to: ["pooled"], attributes: [intsAttribute("kernel_shape", [2_000, 2_000])] }),
    node({ op: "ReduceSum", from: ["pooled"], to: ["sum"] }),
    node({ op: "Add", from: ["x", "sum"], to: ["y"] }),
  ],
});

/** A Loop as long as a number of 64 bits can say. */
function createEndlessLoop(): Uint8Array {
  const inside = [valueInfo("i", tensorType(INT64, [])), valueInfo("go", tensorType(BOOL, [])), valueInfo("v", floats(["N", 1]))];
  const outside = [valueInfo("still", tensorType(BOOL, [])), valueInfo("next", floats(["N", 1]))];
  const body = message(
    node({ op: "Identity", from: ["go"], to: ["still"] }),
    node({ op: "Sin", from: ["v"], to: ["next"] }),
    encodeField(2, "body"),
    ...inside.map((value) => encodeField(11, value)),
    ...outside.map((value) => encodeField(12, value)),
  );
  const attribute = message(encodeField(1, "body"), encodeField(6, body), varint(20, 5));
  const times = int64s("times", [], [Number.MAX_SAFE_INTEGER]);
  const always = encodeField(5, message(varint(2, BOOL), varint(5, 1), encodeField(8, "always")));
  return createModel({ graph: [times, always, node({ op: "Loop", from: ["times", "always", "x"], to: ["y"], attributes: [attribute] })] });
}

const external = encodeField(5, message(varint(1, 1), varint(2, FLOAT), encodeField(8, "w"), varint(14, 1)));
/** Figures whose last one says that it goes on. */
const endless64 = encodeField(5, message(varint(1, 1), varint(2, INT64), encodeField(7, Uint8Array.of(0x80)), encodeField(8, "w")));

/** What nobody wants to be a model, with the words for it; that each way to be wrong has words of its own is shown where they are made. */
const hostile: Case[] = [
  ["random bytes", () => Buffer.concat([Buffer.of(0xf3), randomBytes(4_000)]), /This is not an ONNX file.*\.onnx/],
  ["a pickle", () => Buffer.concat([Buffer.from("80049512", "hex"), randomBytes(900)]), /Python pickle.*skl2onnx/],
  ["a model cut off at its beginning", () => churn.subarray(0, 40), /cut off.*whole file/],
  ["a model cut off in the middle", () => churn.subarray(0, 2_000), /cut off.*whole file/],
  ["a constant that ends within a number", () => createModel({ graph: [endless64, identity] }), /cut off or damaged.*whole file/],
  ["weights in another file", () => createModel({ graph: [external, identity] }), /weights in another file.*one file/],
  ["an unknown operator", () => createModel({ graph: [conjure] }), /operator "Conjure" of the domain "ai\.onnx", opset 17/],
  ["an opset of the future", () => createModel({ graph: [identity], opsets: [opset(9_999)] }), /opset 9999.*supported here is \d\d\./],
  ["40 TB of memory", () => memoryBomb, /needs more memory than the 1\.0 GB it may have/],
  ["40 TB of memory by its input", () => expansion, /needs more memory than the 1\.0 GB it may have/],
  ["minutes of work while it is loaded", () => heavyConstants, /could not be loaded within 12 seconds.*onnxsim/],
  ["200 MB of zeros", () => Buffer.alloc(200 * MIB), /nothing but zeros/],
  ["200 MB of fields", () => Buffer.alloc(200 * MIB, "0801", "hex"), /cut off or damaged|could not be read within 12 seconds/],
];

const endless: Case = ["a loop that never ends", createEndlessLoop, /loaded, but it did not answer in 12 seconds.*Loop/];

interface Outcome {
  code: unknown;
  message: string;
  milliseconds: number;
}

const outcomes = new Map<string, Outcome>();
/** The longest time in milliseconds that this process was busy with itself and let no timer through. */
let longestHold = 0;

/** The process ids of the inspectors that this process started and that still run. */
function listInspectors(): number[] {
  const listed = execFileSync("ps", ["-e", "-o", "ppid=,pid=,args="], { encoding: "utf8" }).trim().split("\n");
  const processes = listed.map((line) => line.trim().split(/\s+/));
  return processes
    .filter(([parent, , ...rest]) => parent === String(process.pid) && rest.join(" ").includes("inspector"))
    .map(([, pid]) => Number(pid));
}

async function inspectAll(cases: [what: string, bytes: Uint8Array][]): Promise<void> {
  for (let next = cases.shift(); next; next = cases.shift()) {
    const [what, bytes] = next;
    const start = performance.now();
    const { code, message: words } = await refusalOf(inspect(bytes));
    outcomes.set(what, { code, message: words, milliseconds: performance.now() - start });
  }
}

beforeAll(async () => {
  vi.stubEnv("LOG_LEVEL", "silent");
  const cases = [endless, ...hostile].map(([what, create]): [string, Uint8Array] => [what, create()]);
  let [last, used] = [performance.now(), process.cpuUsage()];
  const timer = setInterval(() => {
    // A busy machine lets any process wait for its turn: only time that it had the processor counts.
    const { user, system } = process.cpuUsage(used);
    longestHold = Math.max(longestHold, Math.min(performance.now() - last - 20, (user + system) / 1000));
    [last, used] = [performance.now(), process.cpuUsage()];
  }, 20);
  // As many at once as there are places.
  await Promise.all([inspectAll(cases), inspectAll(cases)]);
  clearInterval(timer);
}, 90_000);

// Every question starts a program, which takes a while on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe("a file that cannot be used", () => {
  it.each([...hostile, endless])("is refused within 15 seconds, in words with a remedy: %s", (what, _create, words) => {
    const outcome = outcomes.get(what);
    expect(outcome).toMatchObject({ code: "model_refused", message: expect.stringMatching(words) });
    expect(outcome?.milliseconds).toBeLessThan(15_000);
    expect(outcome?.message).not.toMatch(/onnxruntime_src|\/work|node_modules|undefined/);
  });

  it("never holds up the process that asked", () => {
    expect(longestHold).toBeLessThan(100);
  });

  it("leaves no process behind", () => {
    expect(listInspectors()).toEqual([]);
  });
});

describe("an inspection", () => {
  it("that is ended from outside is told as such", async () => {
    const work = refusalOf(inspect(createEndlessLoop()));
    const [pid = 0] = await vi.waitUntil(() => (listInspectors().length > 0 ? listInspectors() : null), { timeout: 5_000 });
    process.kill(pid, "SIGKILL");
    expect(await work).toMatchObject({ code: "overloaded", message: expect.stringMatching(/ended from outside \(SIGKILL\)/) });
  });
});
