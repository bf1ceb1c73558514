import "server-only";
import { log } from "@/server/core/log";

/** So much text is collected before it is sent on. */
const PART_CHARACTERS = 64 * 1024;

/** Joins small pieces of text to parts that are worth sending. */
export async function* collectParts(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let part = "";
  for await (const piece of pieces) {
    part += piece;
    if (part.length < PART_CHARACTERS) continue;
    yield part;
    part = "";
  }
  if (part !== "") yield part;
}

/**
 * A stream that asks for the next part when the last one is on its way, so that one part is in memory at a time. A failure breaks it off:
 * half a document must not look whole.
 * @param what is streamed, for the log
 */
export function streamParts(what: string, parts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        log("error", "export_broke_off", { what, cause: error instanceof Error ? error.name : "unknown" });
        controller.error(new Error("The export broke off."));
      }
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

/** The headers of a document that the browser stores as a file. @param name without date and ending */
export function describeDownload(name: string, ending: string, contentType: string): Headers {
  return new Headers({
    "Content-Type": contentType,
    "Content-Disposition": `attachment; filename="${name}-${new Date().toISOString().slice(0, 10)}.${ending}"`,
    "Cache-Control": "no-store",
  });
}
