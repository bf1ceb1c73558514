/** A model file on its way to the service: in parts, some at a time, each again when it failed, from where an earlier try got to. */
import { sendRaw } from "@/components/admin/uploads/send-part";
import type { UploadState } from "@/lib/contracts/uploads.admin";
import { readRefusal } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

const AT_ONCE = 3;
/** Milliseconds before a part is sent again, try by try; after the last one the upload rests until somebody says so. */
const WAITS = [500, 1_000, 2_000, 4_000, 8_000];
/** Refusals that pass by themselves; `null` is a lost connection. */
const PASSING: readonly (string | null)[] = [null, "overloaded", "database_unavailable", "internal_error", "rate_limited"];
const REMEMBERED = "vitrine-upload:";

export interface UploadOptions {
  file: File;
  signal: AbortSignal;
  /** Bytes that are there or on their way. */
  onProgress: (sent: number) => void;
}

/** What the browser remembers an unfinished upload by, so that the same file goes on after a reload. */
const keyOf = (file: File) => `${REMEMBERED}${file.name}:${file.size}:${file.lastModified}`;

export function forgetUpload(file: File): void {
  localStorage.removeItem(keyOf(file));
}

async function findUnfinished(file: File): Promise<UploadState | null> {
  const id = localStorage.getItem(keyOf(file));
  if (id === null) return null;
  try {
    return await consoleApi.uploads.state.query({ id });
  } catch (error) {
    if (readRefusal(error).code !== "not_found") throw error;
    forgetUpload(file);
    return null;
  }
}

async function beginUpload(file: File): Promise<UploadState> {
  const known = await findUnfinished(file);
  if (known) return known;
  const started = await consoleApi.uploads.start.mutate({ filename: file.name.slice(-200), bytes: file.size });
  localStorage.setItem(keyOf(file), started.id);
  return started;
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(new DOMException("Ended.", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", end, { once: true });
  });
}

/** Counts what all parts together have sent; a part that begins again is counted anew. */
function countSent(upload: UploadState, onProgress: (sent: number) => void) {
  const sizeOf = (n: number) => Math.min(upload.chunk_bytes, upload.bytes - n * upload.chunk_bytes);
  const sent = new Map(upload.received.map((n) => [n, sizeOf(n)]));
  const note = (n: number, bytes: number) => {
    sent.set(n, Math.min(bytes, sizeOf(n)));
    onProgress([...sent.values()].reduce((sum, part) => sum + part, 0));
  };
  onProgress([...sent.values()].reduce((sum, part) => sum + part, 0));
  return { note, sizeOf };
}

async function sendPart(upload: UploadState, n: number, { file, signal }: UploadOptions, note: (n: number, bytes: number) => void) {
  const body = file.slice(n * upload.chunk_bytes, Math.min(file.size, (n + 1) * upload.chunk_bytes));
  const address = `/admin/uploads/${upload.id}/${n}`;
  for (let attempt = 0; ; attempt++) {
    try {
      await sendRaw({ address, type: "application/octet-stream", body, signal, onSent: (bytes) => note(n, bytes) });
      return note(n, body.size);
    } catch (error) {
      const wait = WAITS[attempt];
      if (signal.aborted || wait === undefined || !PASSING.includes(readRefusal(error).code)) throw error;
      note(n, 0);
      await rest(wait, signal);
    }
  }
}

/**
 * Brings a file to the service; what an earlier try of the same file got there is not sent again.
 * @returns the upload's id, all of whose parts are there
 * @throws what the service refused it with; `DOMException` `AbortError` when it was ended by its signal
 */
export async function uploadFile(options: UploadOptions): Promise<string> {
  const upload = await beginUpload(options.file);
  const { note } = countSent(upload, options.onProgress);
  const received = new Set(upload.received);
  const missing = Array.from({ length: upload.chunks }, (_unused, n) => n).filter((n) => !received.has(n));
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const work = async () => {
    for (let n = missing.shift(); n !== undefined; n = missing.shift()) await sendPart(upload, n, { ...options, signal }, note);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (error) {
    ending.abort();
    throw error;
  }
  return upload.id;
}
