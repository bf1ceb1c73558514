import "server-only";
import { Redis } from "@upstash/redis";
import { traceHeaders } from "@/server/core/trace";

const TIMEOUT_MS = 1_000;

/** Upstash by its REST protocol: each command once and within a second, because a count that was made must not be made again. */
export function openUpstash({ url, token }: { url: string; token: string }): Redis {
  const redis = new Redis({
    url,
    token,
    // `retry: false` would still try twice.
    retry: { retries: 0 },
    // As a function: the client turns an abort by a bare signal into an answer.
    signal: () => AbortSignal.timeout(TIMEOUT_MS),
    enableTelemetry: false,
    enableAutoPipelining: false,
    readYourWrites: false,
  });
  redis.use((request, next) => next({ ...request, headers: { ...request.headers, ...traceHeaders() } }));
  return redis;
}
