import "server-only";
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type { HeaderReader } from "@/server/core/exchange";

/** Where a call stands in a trace that may have begun elsewhere (W3C Trace Context, level 1). */
export interface TraceContext {
  /** 32 hexadecimal digits, the same in every process that had to do with the call. */
  traceId: string;
  /** 16 hexadecimal digits: the caller's part of the trace as it arrives, ours while we work on it. */
  spanId: string;
  /** Whether whoever began the trace writes it down. */
  sampled: boolean;
  /** What other systems told each other about it, passed on as it came; null: nothing. */
  state: string | null;
}

/** A later version may say more behind the four fields it has in common with version 00; version ff is none. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;
/** What has to be passed on at least (section 3.3.1.5); more is dropped, so that nobody can make our own calls long. */
const MOST_STATE = 512;
const TRACESTATE = /^[\x20-\x7e]+$/;

function readState(headers: HeaderReader): string | null {
  const state = headers.get("tracestate")?.trim() ?? "";
  return state.length <= MOST_STATE && TRACESTATE.test(state) && state.includes("=") ? state : null;
}

/** The trace that the caller is in, by its `traceparent`; null where there is none, or none that can be read. */
export function readTrace(headers: HeaderReader): TraceContext | null {
  const given = headers.get("traceparent");
  const found = given === null ? null : TRACEPARENT.exec(given.trim());
  if (!found) return null;
  const [, version, traceId = "", spanId = "", flags = "", more] = found;
  if (version === "00" && more !== undefined) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0, state: readState(headers) };
}

/** Our part of the caller's trace, or the beginning of a new one, which nobody writes down unless we do. */
export function continueTrace(parent: TraceContext | null): TraceContext {
  const spanId = randomBytes(8).toString("hex");
  return parent ? { ...parent, spanId } : { traceId: randomBytes(16).toString("hex"), spanId, sampled: false, state: null };
}

/** The value of `traceparent`, version 00. */
export function writeTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** What everything that is done for one call can know without being handed it. */
export interface CallScope {
  requestId: string;
  readonly trace: TraceContext;
  /** Whether no spans are written of what is done: for a probe, and for what goes on after the answer. */
  untraced: boolean;
}

const scopes = new AsyncLocalStorage<CallScope>();

/** Does work for a call; whatever is begun inside knows which call it is for. */
export function runInCall<Result>(scope: CallScope, work: () => Result): Result {
  return scopes.run(scope, work);
}

/** The call that is being worked on; null outside of one. */
export function currentCall(): CallScope | null {
  return scopes.getStore() ?? null;
}

/** The headers by which a service that we ask knows the trace; none outside of a call. */
export function traceHeaders(): Record<string, string> {
  const trace = currentCall()?.trace;
  if (!trace) return {};
  return { traceparent: writeTraceparent(trace), ...(trace.state !== null && { tracestate: trace.state }) };
}
