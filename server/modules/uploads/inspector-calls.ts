import "server-only";
import {
  type InspectedFile,
  inspectorAnswer,
  type InspectorAnswer,
  type InspectorRequest,
  type PreparedFile,
  type ReadRows,
  type TriedRow,
} from "@/lib/contracts/inspection.admin";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { DomainError } from "@/server/core/errors";
import { log } from "@/server/core/log";
import { type Ended, memoryFor, runInspector, WALL_CLOCK_MS } from "@/server/modules/uploads/inspector-process";
import { withPlace } from "@/server/modules/uploads/inspector-slots";
import { joinParts, type StoredFile } from "@/server/modules/uploads/stored-file";

type Answer<Kind extends InspectorAnswer["kind"]> = Extract<InspectorAnswer, { kind: Kind }>;
type Question = InspectorRequest extends infer Request ? (Request extends unknown ? Omit<Request, "memory_mib"> : never) : never;

const CRASHES = new Set<NodeJS.Signals | null>(["SIGABRT", "SIGSEGV", "SIGBUS", "SIGTRAP", "SIGILL", "SIGFPE"]);
const OUT_OF_MEMORY = /out of memory|bad_alloc|Failed to (allocate|reserve)|Fatal process OOM|allocation failed/i;
const seconds = WALL_CLOCK_MS / 1000;

const timeWords: Record<Ended["stage"], string> = {
  start: `The file could not be read within ${seconds} seconds. Upload it again; if it stays so, export a smaller model.`,
  load:
    `The model could not be loaded within ${seconds} seconds. Export it with fewer nodes (simplify it with onnxsim, or use a ` +
    "smaller model).",
  run:
    `The model was loaded, but it did not answer in ${seconds} seconds. Look for a Loop or Scan that does not end, ` +
    "or for one that runs as often as a number in the file says, and export the model again.",
};

const doing: Record<Ended["stage"], string> = { start: "read", load: "loaded", run: "run" };

/** What a program says about a file by the way it ended without an answer. */
function refusalOf(ended: Ended, file: StoredFile): Error {
  const { code, signal, stage, notes } = ended;
  if (ended.failure instanceof Error) return ended.failure;
  if (ended.timedOut || signal === "SIGXCPU") return new DomainError("model_refused", timeWords[stage]);
  if (OUT_OF_MEMORY.test(notes)) {
    const most = `${(memoryFor(file) / 1024).toFixed(1)} GB`;
    return new DomainError(
      "model_refused",
      `The model needs more memory than the ${most} it may have while it is ${doing[stage]}. Export a smaller model.`,
    );
  }
  if (CRASHES.has(signal)) {
    const remedy = "Check it with onnx.checker.check_model(model, full_check=True) and export it again.";
    return new DomainError("model_refused", `The runtime broke down while the model was ${doing[stage]} (${signal}). ${remedy}`);
  }
  if (signal !== null) {
    const words = `The inspection was ended from outside (${signal}), perhaps because the machine is short of memory.`;
    return new DomainError("overloaded", `${words} Send the same call again.`);
  }
  return new Error(`The inspector ended with status ${code ?? "unknown"} and no answer.`);
}

/** @throws {DomainError} what the program refused, or what its end says */
async function ask<Kind extends InspectorAnswer["kind"]>(
  question: Question,
  kind: Kind,
  file: StoredFile,
): Promise<{ answer: Answer<Kind>; bytes: Uint8Array }> {
  const ended = await withPlace(() => runInspector({ ...question, memory_mib: memoryFor(file) }, file));
  if (ended.json === null) {
    log("warn", "inspection_ended", { code: ended.code, signal: ended.signal, stage: ended.stage, timed_out: ended.timedOut });
    throw refusalOf(ended, file);
  }
  const answer = inspectorAnswer.parse(JSON.parse(ended.json.toString("utf8")));
  if (answer.kind === "refused") {
    const errors = answer.errors.length > 0 ? { errors: answer.errors } : {};
    throw new DomainError(answer.about === "file" ? "model_refused" : "invalid_input", answer.message, errors);
  }
  if (!isOfKind(answer, kind)) throw new Error("The inspector answered another question.");
  return { answer, bytes: ended.file };
}

function isOfKind<Kind extends InspectorAnswer["kind"]>(answer: InspectorAnswer, kind: Kind): answer is Answer<Kind> {
  return answer.kind === kind;
}

/**
 * Inspects a file nobody has looked into.
 * @param base the schema of a version of the same model
 * @throws {DomainError} `model_refused`, with what is wrong and what to do; `overloaded`
 */
export async function inspectFile(file: StoredFile, filename: string, base: ModelSchema | null): Promise<InspectedFile> {
  return (await ask({ kind: "inspect", filename, base }, "inspected", file)).answer;
}

/** Asks a file one row. @throws {DomainError} `invalid_input`, `model_refused`, `overloaded` */
export async function tryRow(file: StoredFile, schema: ModelSchema, input: Record<string, unknown>): Promise<TriedRow> {
  return (await ask({ kind: "try", schema, input }, "tried", file)).answer;
}

/** Reads training rows with a file's model. @throws {DomainError} `invalid_input`, `model_refused`, `overloaded` */
export async function readFileRows(file: StoredFile, schema: ModelSchema, csv: string): Promise<ReadRows> {
  return (await ask({ kind: "rows", schema, csv }, "rows", file)).answer;
}

type Examples = Extract<InspectorRequest, { kind: "prepare" }>["examples"];

/**
 * Everything a version needs that only its file can tell, and the file as it will be run.
 * @throws {DomainError} `invalid_input`, `model_refused`, `overloaded`
 */
export async function prepareFile(
  file: StoredFile,
  schema: ModelSchema,
  examples: Examples,
): Promise<{ prepared: PreparedFile; file: Uint8Array }> {
  const { answer, bytes } = await ask({ kind: "prepare", schema, examples }, "prepared", file);
  return { prepared: answer, file: answer.repaired ? bytes : await joinParts(file) };
}
