import "server-only";
import { MAX_CSV_BYTES, UPLOAD_CHUNK_BYTES } from "@/lib/contracts/uploads.admin";
import { answerObserved } from "@/server/admin/observe";
import { assertAllowedAddress } from "@/server/admin/network";
import { assertConsolePage } from "@/server/admin/own-page";
import { createConsoleCaller } from "@/server/admin/router";
import { requireSessionOf } from "@/server/admin/request-session";
import { readContext } from "@/server/admin/trpc";
import { answerPersonal, inTime, MethodRefused } from "@/server/core/answer";
import { readBytes } from "@/server/core/body";
import { DomainError } from "@/server/core/errors";
import { toResponse } from "@/server/core/exchange";
import { findAddress } from "@/server/core/forwarded";

/** A part over a slow line; the browser sends it again when it was cut off. */
const PART_PATIENCE_MS = 40_000;
const ANSWER_MS = 50_000;

type Caller = ReturnType<typeof createConsoleCaller>;

function assertType(request: Request, wanted: string): void {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== wanted) throw new DomainError("unsupported_media_type", `Send \`Content-Type: ${wanted}\`.`);
}

/** Lets in who may upload, from a page of the console: everybody else is refused before a byte is read. */
async function openDoor(request: Request, type: string): Promise<void> {
  assertAllowedAddress(findAddress(request.headers));
  if (request.method !== "PUT") throw new MethodRefused("PUT");
  assertConsolePage(request);
  assertType(request, type);
  await requireSessionOf(request, "operator");
}

/** The procedures on behalf of whoever called. A body may take its time: whose session ended meanwhile is nobody behind it. */
async function findCaller(request: Request, requestId: string): Promise<Caller> {
  return createConsoleCaller(await readContext(request, requestId));
}

interface Part {
  id: string;
  n: string;
}

async function takeChunk(request: Request, requestId: string, { id, n }: Part): Promise<Response> {
  await openDoor(request, "application/octet-stream");
  // So is who names no upload.
  await (await findCaller(request, requestId)).uploads.state({ id });
  const bytes = await readBytes(request, { largest: UPLOAD_CHUNK_BYTES, patienceMs: PART_PATIENCE_MS });
  const number = /^\d{1,4}$/.test(n) ? Number(n) : Number.NaN;
  if (Number.isNaN(number)) throw new DomainError("not_found", "There is no such part.");
  const caller = await findCaller(request, requestId);
  return toResponse(answerPersonal(JSON.stringify(await caller.uploads.storeChunk({ id, n: number, bytes }))));
}

async function takeRows(request: Request, requestId: string, id: string): Promise<Response> {
  await openDoor(request, "text/csv");
  await (await findCaller(request, requestId)).uploads.draft({ id });
  const bytes = await readBytes(request, { largest: MAX_CSV_BYTES, patienceMs: PART_PATIENCE_MS });
  const caller = await findCaller(request, requestId);
  const revision = Number(new URL(request.url).searchParams.get("revision"));
  return toResponse(answerPersonal(JSON.stringify(await caller.uploads.readRows({ id, revision, csv: decode(bytes) }))));
}

/** @throws {DomainError} `invalid_input` */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new DomainError("invalid_input", "The file of rows is not UTF-8 text. Save it as CSV in UTF-8 and choose it again.");
  }
}

/** `PUT /admin/uploads/{upload}/{n}`: one part of a model file, raw. */
export async function handleChunk(request: Request, part: Promise<Part>): Promise<Response> {
  return answerObserved(request, "upload part", async (requestId) => inTime(ANSWER_MS, takeChunk(request, requestId, await part)));
}

/** `PUT /admin/uploads/{draft}/rows?revision=…`: a file of training rows, raw, because it is larger than a call of JSON may be. */
export async function handleRows(request: Request, draft: Promise<{ id: string }>): Promise<Response> {
  return answerObserved(request, "upload rows", async (requestId) => inTime(ANSWER_MS, takeRows(request, requestId, (await draft).id)));
}
