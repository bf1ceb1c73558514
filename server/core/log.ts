import "server-only";
import pino, { type Logger } from "pino";
import { env } from "@/server/core/env";
import type { DomainError } from "@/server/core/errors";
import { currentCall } from "@/server/core/trace";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Figures and names only. Inputs, outputs, keys and addresses never reach a log. */
export type Facts = Record<string, string | number | boolean | null | undefined>;

/**
 * Node writes to files and terminals before it goes on; what a slow reader of a pipe has not taken yet it keeps, and loses with the
 * process. libuv can be told to wait for the reader, though Node says so nowhere but in its code.
 */
function waitForReaders(): void {
  const handle: unknown = Reflect.get(process.stderr, "_handle");
  if (typeof handle !== "object" || handle === null || !("setBlocking" in handle)) return;
  if (typeof handle.setBlocking === "function") handle.setBlocking(true);
}

/** Written at once, so that a process that dies loses nothing. */
const standardError = { write: (line: string) => void process.stderr.write(line) };

let logger: Logger | undefined;

function openLog(): Logger {
  waitForReaders();
  const { logLevel: level, role, build } = env();
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino({ level, base: { role, build }, messageKey: "event", timestamp: pino.stdTimeFunctions.isoTime, formatters }, standardError);
}

/** Whether lines of a level are written at all. */
export function isLogged(level: LogLevel): boolean {
  return (logger ??= openLog()).isLevelEnabled(level);
}

/** Writes one line of JSON to standard error; what is done for a call says for which one. */
export function log(level: LogLevel, event: string, facts: Facts = {}): void {
  logger ??= openLog();
  if (!logger.isLevelEnabled(level)) return;
  const call = currentCall();
  logger[level](call ? { request_id: call.requestId, trace_id: call.trace.traceId, ...facts } : facts, event);
}

/** What a rule refuses although it is ours to mend: too much at once, a model that the team has paused. */
const EXPECTED = ["overloaded", "model_unavailable"];

/** A refusal is told by the line of the call it ended; a 5xx is ours and keeps its cause. */
export function logRefusal(error: DomainError, facts: Facts): void {
  const isExpected = error.cause === undefined && EXPECTED.includes(error.code);
  if (error.status < 500 || isExpected) return log("debug", "refused", { code: error.code, ...facts });
  const cause = error.cause instanceof Error ? error.cause : error;
  log("error", "failed", { code: error.code, cause: cause.stack ?? cause.message, ...facts });
}
