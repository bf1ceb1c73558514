import "server-only";
/**
 * Opens foreign model files, in a process of its own that has little memory, little time and no secrets, and can be killed at any
 * moment: loading or running a model blocks the process, and a hostile one never ends or takes all memory there is.
 * A question comes by stdin and one answer goes by stdout, each as two lengths (of the JSON and of the bytes behind it, 32 bits each,
 * big-endian), the JSON and the bytes. What it is busy with stands on stderr, a line each.
 */
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { type InspectorAnswer, inspectorRequest, type InspectorRequest } from "@/lib/contracts/inspection.admin";
import { DomainError } from "@/server/core/errors";
import { type Asked, assertMayBeModel, openForeignFile, type Stage } from "@/server/modules/predict/inspector/asked.admin";
import { inspectModel } from "@/server/modules/predict/inspector/inspect.admin";
import { prepareVersion } from "@/server/modules/predict/inspector/prepare.admin";
import { tellBroken } from "@/server/modules/predict/inspector/first-look.admin";
import { FileRefusal, runtimeText } from "@/server/modules/predict/inspector/refusal.admin";
import { isMemoryFailure, type Limits, tellMemory, tellRunFailure } from "@/server/modules/predict/inspector/runtime-words.admin";
import { readTrainingRows } from "@/server/modules/predict/inspector/training-rows.admin";
import { tryRow } from "@/server/modules/predict/inspector/try-row.admin";
import { WireError } from "@/server/modules/predict/protobuf";

const HEAD_BYTES = 8;

interface Answered {
  answer: InspectorAnswer;
  /** Bytes behind it. */
  file?: Uint8Array;
}

/** By so much of a file it is known what it is in place of a model; the rest of it need not come. */
const FIRST_LOOK_BYTES = 512;

/**
 * The question and the file. It is given room once, because it may be most of the memory there is.
 * @throws {FileRefusal} as soon as the file begins as no model does
 */
async function readQuestion(input: AsyncIterable<Buffer>): Promise<{ request: InspectorRequest; file: Uint8Array }> {
  let head = Buffer.alloc(0);
  let body: Buffer | null = null;
  let filled = 0;
  let looked = false;
  for await (const chunk of input) {
    let rest = chunk;
    if (body === null) {
      head = Buffer.concat([head, chunk]);
      if (head.length < HEAD_BYTES) continue;
      body = Buffer.allocUnsafeSlow(head.readUInt32BE(0) + head.readUInt32BE(4));
      rest = head.subarray(HEAD_BYTES);
    }
    filled += rest.copy(body, filled);
    const start = body.subarray(head.readUInt32BE(0), filled);
    if (looked || start.length < FIRST_LOOK_BYTES) continue;
    looked = true;
    assertMayBeModel(start);
  }
  if (body === null || filled !== body.length) throw new Error("The question was not sent to its end.");
  const length = head.readUInt32BE(0);
  return { request: inspectorRequest.parse(JSON.parse(body.subarray(0, length).toString("utf8"))), file: body.subarray(length) };
}

async function prepare(asked: Asked, request: Extract<InspectorRequest, { kind: "prepare" }>): Promise<Answered> {
  openForeignFile(asked.file);
  asked.enter("run");
  const { file, sha256, examples, latency } = await prepareVersion({ ...request, file: asked.file });
  const uploaded_sha256 = createHash("sha256").update(asked.file).digest("hex");
  const repaired = sha256 !== uploaded_sha256;
  return { answer: { kind: "prepared", uploaded_sha256, stored_sha256: sha256, repaired, examples, latency }, ...(repaired && { file }) };
}

async function ask(asked: Asked, request: InspectorRequest): Promise<Answered> {
  if (request.kind === "prepare") return prepare(asked, request);
  if (request.kind === "try") return { answer: await tryRow(asked, request.schema, request.input) };
  if (request.kind === "rows") return { answer: await readTrainingRows(asked, request.schema, request.csv) };
  return { answer: await inspectModel(asked, request.base) };
}

/** A refusal in words. @throws what is no refusal */
function refuse(error: unknown, limits: Limits, file: Uint8Array): InspectorAnswer {
  if (error instanceof FileRefusal) return { kind: "refused", about: "file", message: error.message, errors: [] };
  // The file is looked into as deep as a question needs: what lies deeper may break off as well.
  if (error instanceof WireError) return { kind: "refused", about: "file", message: tellBroken(file), errors: [] };
  if (isMemoryFailure(runtimeText(error))) return { kind: "refused", about: "file", message: tellMemory(limits), errors: [] };
  if (!(error instanceof DomainError)) throw error;
  if (error.code === "model_unavailable") return { kind: "refused", about: "file", message: tellRunFailure(error, limits), errors: [] };
  return { kind: "refused", about: "input", message: error.message, errors: error.errors ?? [] };
}

async function answerQuestion(): Promise<Answered> {
  let limits: Limits = { memoryMib: 0 };
  let file: Uint8Array = new Uint8Array(0);
  try {
    const question = await readQuestion(process.stdin);
    const { request } = question;
    file = question.file;
    limits = { memoryMib: request.memory_mib };
    const enter = (stage: Stage) => void writeSync(process.stderr.fd, `stage:${stage}\n`);
    return await ask({ file, limits, enter }, request);
  } catch (error) {
    return { answer: refuse(error, limits, file) };
  }
}

const { answer, file = new Uint8Array(0) } = await answerQuestion();
const json = Buffer.from(JSON.stringify(answer));
const head = Buffer.alloc(HEAD_BYTES);
head.writeUInt32BE(json.length, 0);
head.writeUInt32BE(file.length, 4);
process.stdout.write(Buffer.concat([head, json]));
process.stdout.write(file, () => process.exit(0));
