import "server-only";
import type { CallFacts, Surface } from "@/server/core/call-facts";
import type { HeaderReader } from "@/server/core/exchange";
import { type Facts, isLogged, log } from "@/server/core/log";
import { countInProgress } from "@/server/core/process-metrics";
import { type CallScope, runInCall, type TraceContext } from "@/server/core/trace";
import { type OpenSpan, openSpan } from "@/server/core/tracing";

/** A call on its way through a door, for the log, the metrics and the trace. */
export interface OpenCall {
  /** Does work as part of the call. */
  run: <Result>(work: () => Result) => Result;
  /** Writes the one line of an answered call, and ends its span. @param quiet for calls that say little: probes, a browser's questions */
  tell: (call: CallFacts, quiet: boolean) => void;
}

function describeLine(surface: Surface, { milliseconds, cameBy, customerId, keyId, rows, ...call }: CallFacts): Facts {
  const { route, method, status, code, model, version, arm } = call;
  const caller = { caller: cameBy, customer_id: customerId, key_id: keyId };
  const asked = model === null ? {} : { model, version, arm, rows };
  const took = Math.round(milliseconds * 1_000) / 1_000;
  return { surface, route, method, status, code, milliseconds: took, ...caller, ...asked };
}

class TracedCall implements OpenCall, CallScope {
  readonly #surface: Surface;
  readonly #span: OpenSpan;

  constructor(
    surface: Surface,
    span: OpenSpan,
    readonly requestId: string,
    public untraced: boolean,
  ) {
    this.#surface = surface;
    this.#span = span;
  }

  get trace(): TraceContext {
    return this.#span.trace;
  }

  run<Result>(work: () => Result): Result {
    return runInCall(this, work);
  }

  tell(call: CallFacts, quiet: boolean): void {
    this.untraced = true;
    countInProgress(this.#surface, -1);
    const level = quiet ? "debug" : "info";
    if (isLogged(level)) runInCall(this, () => log(level, "answered", describeLine(this.#surface, call)));
    if (!quiet) this.#span.end(this.#surface, this.requestId, call);
  }
}

/** Begins a call: its place in the trace, and one more that is in progress until it is told. */
export function openCall(headers: HeaderReader, surface: Surface, requestId: string, probe: boolean): OpenCall {
  countInProgress(surface, 1);
  return new TracedCall(surface, openSpan(headers), requestId, probe);
}
