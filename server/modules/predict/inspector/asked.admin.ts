import "server-only";
import { createHash } from "node:crypto";
import type { InputField, ModelSchema } from "@/lib/contracts/model-schema";
import type { FieldValue, Row } from "@/lib/contracts/predict";
import { DomainError } from "@/server/core/errors";
import { FileRefusal } from "@/server/modules/predict/inspector/refusal.admin";
import { type Limits, tellLoadFailure } from "@/server/modules/predict/inspector/runtime-words.admin";
import { recogniseOther, tellBroken } from "@/server/modules/predict/inspector/first-look.admin";
import { type OnnxFile, openOnnxFile } from "@/server/modules/predict/onnx-file";
import { openModel, type OpenModel } from "@/server/modules/predict/runtime";

/** What the service is told before something that may never end, so that it can say what did not end. */
export type Stage = "load" | "run";

/** What goes with every question. */
export interface Asked {
  file: Uint8Array;
  limits: Limits;
  enter: (stage: Stage) => void;
}

/** @param start the beginning of a file @throws {FileRefusal} when no model begins so */
export function assertMayBeModel(start: Uint8Array): void {
  const other = recogniseOther(start);
  if (other !== null) throw new FileRefusal(other);
}

/** Opens a foreign file. @throws {FileRefusal} with what it is in place of a model, or what is wrong with it */
export function openForeignFile(file: Uint8Array): OnnxFile {
  assertMayBeModel(file);
  try {
    return openOnnxFile(file);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new FileRefusal(error.message.startsWith("This is not an ONNX file") ? tellBroken(file) : error.message, { cause: error });
  }
}

/** Loads a foreign file. @throws {FileRefusal} */
export async function loadForeignFile(opened: OnnxFile, { limits, enter }: Asked): Promise<OpenModel> {
  enter("load");
  try {
    return await openModel(createHash("sha256").update(opened.bytes).digest("hex"), () => Promise.resolve(opened.bytes));
  } catch (error) {
    throw new FileRefusal(tellLoadFailure(error, limits), { cause: error });
  }
}

function defaultOf(field: InputField): FieldValue {
  if (field.type === "image") return Array.from({ length: field.width * field.height * field.channels }, () => 0);
  if (field.default !== undefined) return field.default;
  if (field.type === "category") return field.categories[0]?.value ?? "";
  return field.type === "text" ? "" : (field.min ?? 0);
}

/** A row with every field filled in: the defaults of the schema, or zeros. */
export function createDefaultRow(schema: Pick<ModelSchema, "inputs">): Row {
  return Object.fromEntries(schema.inputs.map((field) => [field.name, defaultOf(field)]));
}
