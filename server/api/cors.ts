import "server-only";
import { env } from "@/server/core/env";
import { Answer, type Asked, HeaderFields } from "@/server/core/exchange";

/** How long a browser may keep the answer to its question, in seconds: the longest that Chromium takes. */
const MAX_AGE = "7200";
const REQUEST_HEADERS = "authorization, content-type, idempotency-key, request-id, trpc-accept";
/** What a page of another origin may read beside the body. */
const RESPONSE_HEADERS = [
  "request-id", "RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After",
  "model-version", "model-arm", "Server-Timing", "Idempotent-Replayed", "WWW-Authenticate",
].join(", ");

/**
 * Lets pages of the configured origins read an answer. Never with credentials: what they may do, they may do by a key, so a cookie
 * that a browser sends along opens nothing to them.
 */
export function allowOrigin(asked: Pick<Asked, "method" | "headers">, headers: Headers | HeaderFields): void {
  const allowed = env().corsOrigins;
  if (allowed.length === 0) return;
  headers.append("vary", "Origin");
  const origin = asked.headers.get("origin");
  if (origin === null || !allowed.includes(origin)) return;
  headers.set("access-control-allow-origin", origin);
  if (asked.method !== "OPTIONS") headers.set("access-control-expose-headers", RESPONSE_HEADERS);
}

/**
 * The answer to `OPTIONS`: the methods of an address, and for a page of a configured origin what it may send there.
 * @param methods as the `Allow` header lists them
 */
export function answerOptions(asked: Pick<Asked, "headers">, methods: string): Answer {
  const headers = new HeaderFields({ Allow: methods });
  const origin = asked.headers.get("origin");
  if (origin !== null && env().corsOrigins.includes(origin)) {
    headers.set("access-control-allow-methods", methods);
    headers.set("access-control-allow-headers", REQUEST_HEADERS);
    headers.set("access-control-max-age", MAX_AGE);
  }
  return new Answer(null, { status: 204, headers });
}
