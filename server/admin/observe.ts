import "server-only";
import { readConsoleCookie } from "@/server/admin/own-page";
import { type Answered, answer } from "@/server/core/answer";
import { type CallFacts, NOTHING_KNOWN } from "@/server/core/call-facts";
import type { DomainError } from "@/server/core/errors";
import { countCall } from "@/server/core/process-metrics";
import { answerNowhere, serves } from "@/server/core/served";
import { settleSpans } from "@/server/core/tracing";
import { recordRequest, settleTraffic } from "@/server/modules/traffic/service";

/** What a door of the console finds out about one call while it answers it. */
export interface ObservedConsoleCall {
  /** The pattern of the address, never what was really asked for. */
  route: string;
  /** Why there was no result, where the answer is not a refusal of the door's own form. */
  refusal: DomainError | null;
}

/**
 * As {@link answer}, and records the call: the console watches itself as it watches the customers' API.
 * @param route the pattern of the address; `handle` may put a closer one in its place
 */
export async function answerObserved(
  request: Request,
  route: string,
  handle: (requestId: string, call: ObservedConsoleCall) => Promise<Response>,
): Promise<Response> {
  if (!serves("admin")) return answerNowhere(request);
  const call: ObservedConsoleCall = { route, refusal: null };
  const describe = ({ requestId, status, refusal, milliseconds }: Answered): CallFacts => {
    const code = (refusal ?? call.refusal)?.code ?? null;
    const cameBy = readConsoleCookie(request, "session") === null ? null : "session";
    const told = { route: call.route, method: request.method, status, code, milliseconds } as const;
    const record = { ...NOTHING_KNOWN, ...told, cameBy } as const;
    recordRequest({ ...record, requestId, surface: "console" });
    countCall("console", record);
    return record;
  };
  return answer(request, (requestId) => handle(requestId, call), { surface: "console", route, describe });
}

/** For a host that sleeps between calls: resolves when the record of what was answered, and its spans, are stored. Never throws. */
export async function settleConsoleCalls(): Promise<void> {
  await Promise.all([settleTraffic(), settleSpans()]);
}
