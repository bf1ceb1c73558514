import "server-only";
import { env } from "@/server/core/env";
import type { DomainError } from "@/server/core/errors";

const levels = { debug: 10, info: 20, warn: 30, error: 40, silent: 100 } as const;
type Level = Exclude<keyof typeof levels, "silent">;

/** Figures and names only. Inputs, outputs, keys and addresses never reach a log. */
type Facts = Record<string, string | number | boolean | null | undefined>;

/** Writes one line of JSON to standard error. */
export function log(level: Level, event: string, facts: Facts = {}): void {
  if (levels[level] < levels[env().logLevel]) return;
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...facts })}\n`);
}

/** The level follows the class: a refusal is the caller's affair, a 5xx is ours and keeps its cause. */
export function logRefusal(error: DomainError, facts: Facts): void {
  if (error.status < 500) return log(error.status === 404 || error.status === 401 ? "debug" : "info", "refused", { code: error.code, ...facts });
  const cause = error.cause instanceof Error ? error.cause : error;
  log("error", "failed", { code: error.code, cause: cause.stack ?? cause.message, ...facts });
}
