import "server-only";
import { DomainError } from "@/server/core/errors";

export const MAX_BODY_BYTES = 1024 * 1024;

const tooLarge = () => new DomainError("body_too_large", "The body is larger than 1 MiB.");

/**
 * Refuses what is not JSON before a byte is read: forms and plain text are what a page of somebody else can send without asking.
 * @throws {DomainError} `unsupported_media_type`
 */
export function assertJson(request: Request): void {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new DomainError("unsupported_media_type", "Send `Content-Type: application/json`.");
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity") throw new DomainError("unsupported_media_type", "Send the body without a content encoding.");
}

/**
 * The whole body, at most 1 MiB: refused by what it says of itself before reading, and by count while reading.
 * @throws {DomainError} `body_too_large`; `malformed_body` when it breaks off or is not UTF-8
 */
export async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (let part = await readPart(reader); part; part = await readPart(reader)) {
    size += part.byteLength;
    if (size > MAX_BODY_BYTES) {
      await reader?.cancel().catch(() => undefined);
      throw tooLarge();
    }
    parts.push(part);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    throw new DomainError("malformed_body", "The body is not UTF-8.");
  }
}

async function readPart(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<Uint8Array | undefined> {
  try {
    return (await reader?.read())?.value;
  } catch {
    throw new DomainError("malformed_body", "The body broke off.");
  }
}

/** @throws {DomainError} `malformed_body`, without the parser's words: they quote the input */
export function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DomainError("malformed_body", "The body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DomainError("malformed_body", "The body must be a JSON object.", { errors: [{ pointer: "#", detail: "must be an object" }] });
  }
  return value as Record<string, unknown>;
}
