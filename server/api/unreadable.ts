import "server-only";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { fixedHeaders } from "@/server/api/write-answers";
import { answerAsked } from "@/server/core/answer";
import { DomainError } from "@/server/core/errors";
import { type Answer, type Asked, HeaderFields } from "@/server/core/exchange";

/** By what Node calls it (`clientError` of `http.Server`). */
const refusals = new Map([
  ["HPE_HEADER_OVERFLOW", () => new DomainError("headers_too_large", "The headers of this call are larger than 16 KiB.")],
  ["ERR_HTTP_REQUEST_TIMEOUT", () => new DomainError("request_timeout", "The call did not arrive in time.")],
]);

function toRefusal(error: Error): DomainError {
  const code = "code" in error ? String(error.code) : "";
  const known = refusals.get(code);
  return known ? known() : new DomainError("malformed_request", "What was sent is not a call of HTTP/1.1.");
}

function writeMessage({ status, headers, body }: Answer): string {
  const text = typeof body === "string" ? body : "";
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, "connection: close", `content-length: ${Buffer.byteLength(text)}`];
  for (let at = 0; at < fixedHeaders.length; at += 2) lines.push(`${fixedHeaders[at]}: ${fixedHeaders[at + 1]}`);
  headers.forEach((value, name) => lines.push(`${name}: ${value}`));
  return `${lines.join("\r\n")}\r\n\r\n${text}`;
}

/**
 * Answers what Node could not read as a call, in the form of every other refusal, and ends the connection: nobody knows where on it the
 * next call would begin. Never throws.
 * @param socket of a connection with no other answer under way
 */
export async function answerUnreadable(error: Error, socket: Duplex & { localPort?: number }): Promise<void> {
  // All that is known of it.
  const asked: Asked = { method: "GET", url: `http://localhost:${socket.localPort ?? ""}/`, headers: new HeaderFields(), body: null };
  const refuse = async () => {
    throw toRefusal(error);
  };
  const answer = await answerAsked(asked, refuse, { surface: "api", route: "{unreadable}" });
  if (socket.writable) socket.end(writeMessage(answer));
}
