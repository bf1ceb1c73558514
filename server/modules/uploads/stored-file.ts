import "server-only";
import type { UploadRecord } from "@/server/modules/uploads/collection";
import { UPLOAD_CHUNK_BYTES } from "@/lib/contracts/uploads.admin";
import { DomainError } from "@/server/core/errors";
import { readChunk } from "@/server/modules/uploads/repository";

/** How many parts a file comes in. */
export function countChunks({ bytes, chunkBytes }: Pick<UploadRecord, "bytes" | "chunkBytes">): number {
  return Math.ceil(bytes / chunkBytes);
}

/** A file that lies in parts in the database, and is never whole in this process unless somebody joins them. */
export interface StoredFile {
  bytes: number;
  /** @throws {DomainError} `not_found`, when a part is gone */
  parts: () => AsyncGenerator<Uint8Array>;
}

async function* readParts(uploadId: string, chunks: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < chunks; n++) {
    const part = await readChunk(uploadId, n);
    if (!part) throw new DomainError("not_found", "The file of this draft is not stored any more. Upload it again.");
    yield part;
  }
}

/** The file of a complete upload, or of a draft. */
export function openStoredFile(record: Pick<UploadRecord, "_id" | "bytes"> & { uploadId?: string }): StoredFile {
  const chunks = countChunks({ bytes: record.bytes, chunkBytes: UPLOAD_CHUNK_BYTES });
  return { bytes: record.bytes, parts: () => readParts(record.uploadId ?? record._id, chunks) };
}

/** The whole file. @throws {DomainError} `not_found`, when a part is gone */
export async function joinParts(file: StoredFile): Promise<Uint8Array> {
  const whole = new Uint8Array(file.bytes);
  let offset = 0;
  for await (const part of file.parts()) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
