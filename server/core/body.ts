import "server-only";
import { DomainError } from "@/server/core/errors";
import type { Asked, BodySource } from "@/server/core/exchange";
import { within } from "@/server/core/within";

export const MAX_BODY_BYTES = 1024 * 1024;
/** How long a body may take from its first byte to its last: a MiB over a slow line, not a connection that is held open. */
export const BODY_PATIENCE_MS = 10_000;

const sayBytes = (bytes: number) => (bytes === MAX_BODY_BYTES ? "1 MiB" : `${bytes} bytes`);
const tooLarge = (largest: number) => new DomainError("body_too_large", `The body is larger than ${sayBytes(largest)}.`);

/**
 * Refuses what is not JSON before a byte is read: forms and plain text are what a page of somebody else can send without asking.
 * @throws {DomainError} `unsupported_media_type`
 */
export function assertJson(request: Pick<Asked, "headers">): void {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new DomainError("unsupported_media_type", "Send `Content-Type: application/json`.");
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity") throw new DomainError("unsupported_media_type", "Send the body without a content encoding.");
}

type BodyReader = ReturnType<BodySource["getReader"]>;

async function readPart(reader: BodyReader): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch {
    throw new DomainError("malformed_body", "The body broke off.");
  }
}

async function readParts(reader: BodyReader, largest: number): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let part = await readPart(reader); part; part = await readPart(reader)) {
    size += part.byteLength;
    if (size > largest) throw tooLarge(largest);
    parts.push(part);
  }
  return parts;
}

interface BodyLimits {
  /** Bytes. */
  largest: number;
  patienceMs: number;
}

/**
 * The whole body: refused by what it says of itself before reading, and by count and by the clock while reading.
 * @throws {DomainError} `body_too_large`; `malformed_body` when it breaks off or comes too slowly
 */
export async function readBytes(request: Asked, { largest, patienceMs }: BodyLimits): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > largest) throw tooLarge(largest);
  if (!request.body) return new Uint8Array(0);
  const arrived = await request.body.readArrived?.();
  if (arrived && arrived.byteLength > largest) throw tooLarge(largest);
  if (arrived) return arrived;
  const reader: BodyReader = request.body.getReader();
  try {
    const tooSlow = () => new DomainError("malformed_body", "The body came too slowly.");
    const [first, ...others] = await within(patienceMs, readParts(reader, largest), tooSlow);
    return first && others.length === 0 ? first : Buffer.concat([first ?? new Uint8Array(0), ...others]);
  } catch (error) {
    reader.cancel().catch(() => undefined);
    throw error;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The whole body as text.
 * @param largest in bytes
 * @throws {DomainError} as `readBytes`; `malformed_body` when it is not UTF-8
 */
export async function readText(request: Asked, patienceMs = BODY_PATIENCE_MS, largest = MAX_BODY_BYTES): Promise<string> {
  const bytes = await readBytes(request, { largest, patienceMs });
  try {
    return decoder.decode(bytes);
  } catch {
    throw new DomainError("malformed_body", "The body is not UTF-8.");
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
