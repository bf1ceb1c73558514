import "server-only";
import { UPLOAD_CHUNK_BYTES, type Draft } from "@/lib/contracts/uploads.admin";
import { finishUpload, startUpload, storeChunk } from "@/server/modules/uploads/service.admin";

export const OPERATOR = "opr_00000000000000000000000000";

/** Uploads a file whole. @returns the upload's id */
export async function upload(bytes: Uint8Array, filename = "model.onnx"): Promise<string> {
  const { id, chunks } = await startUpload({ filename, bytes: bytes.length }, OPERATOR);
  for (let n = 0; n < chunks; n++) await storeChunk(id, n, bytes.subarray(n * UPLOAD_CHUNK_BYTES, (n + 1) * UPLOAD_CHUNK_BYTES), OPERATOR);
  return id;
}

export async function createDraft(bytes: Uint8Array, filename?: string, slug?: string): Promise<Draft> {
  return (await finishUpload(await upload(bytes, filename), OPERATOR, { slug })).result;
}
