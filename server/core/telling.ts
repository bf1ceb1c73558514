import "server-only";
import type { CallFacts, Surface } from "@/server/core/call-facts";
import type { HeaderReader } from "@/server/core/exchange";
import { type Facts, isLogged, log } from "@/server/core/log";
import { countInProgress } from "@/server/core/process-metrics";
import { type CallScope, runInCall } from "@/server/core/trace";
import { openSpan } from "@/server/core/tracing";

/** A call on its way through a door, for the log, the metrics and the trace. */
export interface OpenCall {
  /** Does work as part of the call. */
  run: <Result>(work: () => Result) => Result;
  /** Writes the one line of an answered call, and ends its span. @param quiet for calls that say little: probes, a browser's questions */
  tell: (call: CallFacts, quiet: boolean) => void;
}

/** What a line says is put together where somebody reads it. */
function writeLine(surface: Surface, call: CallFacts, quiet: boolean): void {
  const level = quiet ? "debug" : "info";
  if (isLogged(level)) log(level, "answered", describeLine(surface, call));
}

function describeLine(surface: Surface, { milliseconds, cameBy, customerId, keyId, rows, ...call }: CallFacts): Facts {
  const { route, method, status, code, model, version, arm } = call;
  const caller = { caller: cameBy, customer_id: customerId, key_id: keyId };
  const asked = model === null ? {} : { model, version, arm, rows };
  const took = Math.round(milliseconds * 1_000) / 1_000;
  return { surface, route, method, status, code, milliseconds: took, ...caller, ...asked };
}

/** Begins a call: its place in the trace, and one more that is in progress until it is told. */
export function openCall(headers: HeaderReader, surface: Surface, requestId: string, probe: boolean): OpenCall {
  const span = openSpan(headers);
  const scope: CallScope = {
    requestId,
    untraced: probe,
    get trace() {
      return span.trace;
    },
  };
  countInProgress(surface, 1);
  return {
    run: (work) => runInCall(scope, work),
    tell(call, quiet) {
      scope.untraced = true;
      countInProgress(surface, -1);
      runInCall(scope, () => writeLine(surface, call, quiet));
      if (!quiet) span.end(surface, requestId, call);
    },
  };
}
