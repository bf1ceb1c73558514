/** One request with a raw body that tells how much of it is on its way: `fetch` tells nothing before the answer. */
import { type Refusal, RefusedError } from "@/lib/refusal";

export interface RawRequest {
  address: string;
  type: "application/octet-stream" | "text/csv";
  body: Blob;
  signal: AbortSignal;
  /** Bytes that are on their way so far. */
  onSent?: (bytes: number) => void;
}

/** What a failed request says of itself; an answer without problem details came from something before us. */
function readProblem(request: XMLHttpRequest): Refusal {
  const unknown: Refusal = { code: null, message: "The service did not take the file. Try again.", fields: {} };
  try {
    const problem: unknown = JSON.parse(request.responseText);
    if (typeof problem !== "object" || problem === null || !("code" in problem) || !("detail" in problem)) return unknown;
    if (typeof problem.code !== "string" || typeof problem.detail !== "string") return unknown;
    const ended = problem.code === "console_session_needed";
    const detail = ended ? "Your session has ended. Sign in again in another tab, then go on here." : problem.detail;
    return { code: problem.code, message: detail, fields: {} };
  } catch {
    return unknown;
  }
}

/**
 * Sends bytes as they are.
 * @returns the answer's JSON
 * @throws {RefusedError} with `code` null when no answer came; `DOMException` `AbortError` when it was ended by its signal
 */
export function sendRaw({ address, type, body, signal, onSent }: RawRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const end = (act: () => void) => {
      signal.removeEventListener("abort", abort);
      act();
    };
    request.open("PUT", address);
    request.setRequestHeader("Content-Type", type);
    request.upload.addEventListener("progress", (event) => onSent?.(event.loaded));
    request.addEventListener("load", () => {
      const refused = () => reject(new RefusedError(readProblem(request)));
      end(() => (request.status === 200 ? resolve(JSON.parse(request.responseText)) : refused()));
    });
    const lost = { code: null, message: "The connection was lost. What is there already stays.", fields: {} };
    request.addEventListener("error", () => end(() => reject(new RefusedError(lost))));
    request.addEventListener("abort", () => end(() => reject(new DOMException("Ended.", "AbortError"))));
    if (signal.aborted) return reject(new DOMException("Ended.", "AbortError"));
    signal.addEventListener("abort", abort);
    request.send(body);
  });
}
