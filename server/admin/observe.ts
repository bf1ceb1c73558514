import "server-only";
import { readConsoleCookie } from "@/server/admin/own-page";
import { answer } from "@/server/core/answer";
import type { DomainError } from "@/server/core/errors";
import { answerNowhere, serves } from "@/server/core/served";
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
  return answer(
    request,
    (requestId) => handle(requestId, call),
    ({ requestId, response, refusal, milliseconds }) => {
      const code = (refusal ?? call.refusal)?.code ?? null;
      const cameBy = readConsoleCookie(request, "session") === null ? null : "session";
      const nobody = { customerId: null, keyId: null, cameBy } as const;
      const nothing = { model: null, version: null, arm: null, rows: null } as const;
      const told = { requestId, surface: "console", route: call.route, method: request.method, status: response.status } as const;
      recordRequest({ ...told, code, milliseconds, ...nothing, ...nobody });
    },
  );
}

/** For a host that sleeps between calls: resolves when the record of what was answered is stored. Never throws. */
export async function settleConsoleCalls(): Promise<void> {
  await settleTraffic();
}
