import "server-only";
import { checkModels } from "@/server/api/health";
import type { Answered } from "@/server/core/answer";
import type { DomainError } from "@/server/core/errors";
import { countCall } from "@/server/core/process-metrics";
import { settleSpans } from "@/server/core/tracing";
import type { Caller, ProcedureRun } from "@/server/core/trpc";
import { type CallRecord, recordRequest, reportPredicting, settleTraffic } from "@/server/modules/traffic/service";

/** What a door finds out about one call while it answers it: for the record of calls, also where the call is refused on the way. */
export interface ObservedCall {
  /** The pattern of the address, never what was really asked for. */
  route: string;
  /** null until it is known who calls. */
  caller: Caller | null;
  /** Of a door that finds callers out by itself. */
  found: { cameBy: "session" | "visitor"; customerId: string | null } | null;
  /** The procedures that were run. */
  runs: ProcedureRun[];
  /** Why there was no result, where the answer is not a refusal of the door's own form. */
  refusal: DomainError | null;
  /** Of procedures that there are not. */
  strangers: DomainError[];
}

/** @param route what to call it until its address is known */
export function observeCall(route: string): ObservedCall {
  return { route, caller: null, found: null, runs: [], refusal: null, strangers: [] };
}

type Who = Pick<CallRecord, "customerId" | "keyId" | "cameBy">;

function describeCaller({ headers }: Answered["asked"], { caller, found }: ObservedCall): Who {
  if (found) return { ...found, keyId: null };
  if (caller?.kind === "customer") {
    const { customerId, via } = caller;
    return { customerId, keyId: via.kind === "key" ? via.keyId : null, cameBy: via.kind };
  }
  const refused = headers.has("authorization") ? "key" : null;
  return { customerId: null, keyId: null, cameBy: caller ? caller.kind : refused };
}

const NOTHING_ASKED = { model: null, version: null, arm: null };

function toRecord(call: ObservedCall, { asked, requestId, status, refusal, milliseconds }: Answered): CallRecord {
  const run = call.runs[0];
  const { model, version, arm } = run?.asked ?? NOTHING_ASKED;
  const { customerId, keyId, cameBy } = describeCaller(asked, call);
  const told = refusal ?? call.refusal ?? run?.end?.refusal ?? call.strangers[0];
  return {
    requestId,
    surface: "api",
    route: call.route,
    method: asked.method,
    status,
    code: told?.code ?? null,
    milliseconds,
    rows: run?.rows ?? null,
    model,
    version,
    arm,
    customerId,
    keyId,
    cameBy,
  };
}

function keep(record: CallRecord): CallRecord {
  reportPredicting(checkModels);
  recordRequest(record);
  countCall("api", record);
  return record;
}

/** Records one call as it was answered. @returns what to tell of it; null for a browser's question before a call (`OPTIONS`), which is none */
export function recordCall(call: ObservedCall, answered: Answered): CallRecord | null {
  return answered.asked.method === "OPTIONS" ? null : keep(toRecord(call, answered));
}

/** The outcome of one procedure among several: its own, or that of the whole call where it was not waited for. */
function outcomeOf({ end }: ProcedureRun, whole: CallRecord): Pick<CallRecord, "status" | "code" | "milliseconds"> {
  if (!end) return whole;
  return { status: end.refusal?.status ?? 200, code: end.refusal?.code ?? null, milliseconds: end.milliseconds };
}

/** What a batch is told as: the names of its procedures, the first reason there was no result, the first model that was asked. */
function describeBatch(call: ObservedCall, answered: Answered): CallRecord {
  const { runs, strangers } = call;
  const whole = toRecord({ ...call, route: [call.route, ...runs.map(({ path }) => path)].join(" ") }, answered);
  const refusal = runs.find(({ end }) => end?.refusal)?.end?.refusal ?? strangers[0];
  return { ...whole, ...runs.find(({ asked }) => asked)?.asked, rows: null, code: whole.code ?? refusal?.code ?? null };
}

/**
 * Records a call of the tRPC door: each procedure of a batch as a call of its own, all under one request id.
 * @returns what to tell of it as a whole; null as {@link recordCall}
 */
export function recordProcedures(call: ObservedCall, answered: Answered): CallRecord | null {
  const { runs, strangers } = call;
  const named = (run: ProcedureRun): ObservedCall => ({ ...call, route: `${call.route} ${run.path}`, runs: [run], strangers: [] });
  const [first] = runs;
  if (runs.length + strangers.length < 2) return recordCall(first ? named(first) : call, answered);
  const whole = toRecord({ ...call, runs: [], strangers: [] }, answered);
  for (const run of runs) keep({ ...toRecord(named(run), answered), ...outcomeOf(run, whole) });
  for (const { status, code } of strangers) keep({ ...whole, status, code });
  return describeBatch(call, answered);
}

/** For a host that sleeps between calls: resolves when the record of what was answered, and its spans, are stored. Never throws. */
export async function settleCalls(): Promise<void> {
  await Promise.all([settleTraffic(), settleSpans()]);
}
