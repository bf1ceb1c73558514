import "server-only";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Api from "@opentelemetry/api";
import type * as Exporter from "@opentelemetry/exporter-trace-otlp-http";
import type * as Resources from "@opentelemetry/resources";
import type * as Sdk from "@opentelemetry/sdk-trace-base";
import type { CallFacts, Surface } from "@/server/core/call-facts";
import { env } from "@/server/core/env";
import type { HeaderReader } from "@/server/core/exchange";
import { log } from "@/server/core/log";
import { continueTrace, currentCall, readTrace, type TraceContext } from "@/server/core/trace";
import { within } from "@/server/core/within";

/** The part of a trace that is one call, while it goes on. */
export interface OpenSpan {
  /** Begun when it is first asked for: most calls are done without anybody asking. */
  readonly trace: TraceContext;
  /** Must not throw. */
  end: (surface: Surface, requestId: string, call: CallFacts) => void;
}

/** Work for a call that another system does. */
export interface OpenClientSpan {
  end: (failure: string | null) => void;
}

/**
 * Spans go through a provider of our own that is not made OpenTelemetry's global one: Next would then write down the address of each
 * request, and with it the secrets of mailed links.
 */
interface Tracing {
  openServerSpan: (parent: TraceContext | null) => OpenSpan;
  openClientSpan: (name: string, attributes: Record<string, string>) => OpenClientSpan;
  flush: () => Promise<void>;
  /** Hands over what is left, for the end of the process. */
  end: () => Promise<void>;
}

/** How long the end of a process waits for whoever collects spans. */
const LAST_PATIENCE_MS = 2_000;

/** One a process, kept on `globalThis` because Next evaluates modules more than once; whoever hosts the routes ends it (bin/support/host.mjs). */
const holder: typeof globalThis & { vitrineTracing?: Tracing } = globalThis;

/** As OpenTelemetry's conventions for HTTP name them; the path is left out, because people put into it what nobody should read. */
function describeSpan(surface: Surface, requestId: string, call: CallFacts): Record<string, string | number> {
  const { method, route, status, code, model, version, arm, rows, cameBy, customerId, keyId } = call;
  const known = {
    "vitrine.model": model,
    "vitrine.version": version,
    "vitrine.arm": arm,
    "vitrine.rows": rows,
    "vitrine.caller": cameBy,
    "vitrine.customer_id": customerId,
    "vitrine.key_id": keyId,
    "error.type": status >= 500 ? (code ?? String(status)) : null,
  };
  const attributes: Record<string, string | number> = {
    "http.request.method": method,
    "http.route": route,
    "http.response.status_code": status,
    "vitrine.surface": surface,
    "vitrine.request_id": requestId,
  };
  for (const [name, value] of Object.entries(known)) if (value !== null) attributes[name] = value;
  return attributes;
}

function endServerSpan(span: Api.Span, failed: number, surface: Surface, requestId: string, call: CallFacts): void {
  span.updateName(`${call.method} ${call.route}`);
  span.setAttributes(describeSpan(surface, requestId, call));
  if (call.status >= 500) span.setStatus({ code: failed });
  span.end();
}

/** OpenTelemetry's library, by Node itself: an import would have the build put it into every function, configured or not. */
interface Library {
  api: typeof Api;
  exporter: typeof Exporter;
  resources: typeof Resources;
  sdk: typeof Sdk;
}

function loadLibrary(): Library {
  const load = createRequire(join(process.cwd(), "package.json"));
  return {
    api: load("@opentelemetry/api"),
    exporter: load("@opentelemetry/exporter-trace-otlp-http"),
    resources: load("@opentelemetry/resources"),
    sdk: load("@opentelemetry/sdk-trace-base"),
  };
}

/** The library reads the rest from the environment by itself: where to, headers, time limit, sampling, batches, further names. */
function openProvider({ exporter, resources, sdk }: Library): Sdk.BasicTracerProvider {
  const { detectResources, envDetector, resourceFromAttributes } = resources;
  const { build, role } = env();
  const own = { "service.name": "vitrine", "vitrine.role": role, ...(build !== null && { "service.version": build }) };
  const resource = resourceFromAttributes(own).merge(detectResources({ detectors: [envDetector] }));
  return new sdk.BasicTracerProvider({ resource, spanProcessors: [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter())] });
}

function openTracing(): Tracing {
  const library = loadLibrary();
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } = library.api;
  const provider = openProvider(library);
  const tracer = provider.getTracer("vitrine");
  const below = ({ traceId, spanId, sampled }: TraceContext) => {
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
  };
  const toTrace = ({ traceId, spanId, traceFlags }: Api.SpanContext, state: string | null): TraceContext => {
    return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0, state };
  };
  return {
    openServerSpan(parent) {
      const span = tracer.startSpan("call", { kind: SpanKind.SERVER }, parent ? below(parent) : ROOT_CONTEXT);
      const end: OpenSpan["end"] = (surface, requestId, call) => endServerSpan(span, SpanStatusCode.ERROR, surface, requestId, call);
      return { trace: toTrace(span.spanContext(), parent?.state ?? null), end };
    },
    openClientSpan(name, attributes) {
      const call = currentCall();
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, call ? below(call.trace) : ROOT_CONTEXT);
      const end: OpenClientSpan["end"] = (failure) => {
        if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", failure);
        span.end();
      };
      return { end };
    },
    flush: () => provider.forceFlush(),
    end: () => within(LAST_PATIENCE_MS, provider.shutdown()),
  };
}

/** Starts to write spans where `OTEL_EXPORTER_OTLP_ENDPOINT` says where to; the library is loaded then alone. Never throws. */
export function startTracing(): void {
  if (!env().tracing || holder.vitrineTracing) return;
  try {
    holder.vitrineTracing = openTracing();
  } catch (error) {
    log("error", "tracing_not_started", { cause: error instanceof Error ? error.message : "unknown" });
  }
}

/** The place of a call in a trace that somebody else may write down. */
class UnwrittenSpan implements OpenSpan {
  readonly #parent: TraceContext | null;
  #trace: TraceContext | undefined;

  constructor(parent: TraceContext | null) {
    this.#parent = parent;
  }

  get trace(): TraceContext {
    return (this.#trace ??= continueTrace(this.#parent));
  }

  end(): void {}
}

/** Begins our part of the trace that a call is in, or a new trace where the caller names none that can be read. */
export function openSpan(headers: HeaderReader): OpenSpan {
  const parent = readTrace(headers);
  return holder.vitrineTracing?.openServerSpan(parent) ?? new UnwrittenSpan(parent);
}

/** The span of work that another system does for the current call; null where no spans are written. */
export function openClientSpan(name: string, attributes: Record<string, string>): OpenClientSpan | null {
  return holder.vitrineTracing?.openClientSpan(name, attributes) ?? null;
}

/** For a host that sleeps between calls: resolves when the spans of what was answered are handed over, or could not be. Never throws. */
export async function settleSpans(): Promise<void> {
  if (env().serverless) await holder.vitrineTracing?.flush().catch(() => undefined);
}
