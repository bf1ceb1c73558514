import "server-only";
import { answer, assertReading } from "@/server/core/answer";
import { type ObservedCall, observeCall, recordCall } from "@/server/api/observe";
import { readSessionCookie } from "@/server/api/own-page";
import { DomainError } from "@/server/core/errors";
import { answerNowhere, serves } from "@/server/core/served";
import { collectParts, describeDownload, streamParts } from "@/server/core/stream";
import type { CustomerCaller } from "@/server/core/trpc";
import { resolveCustomer } from "@/server/modules/accounts/caller";
import { getAccount } from "@/server/modules/accounts/service";
import { listSignIns } from "@/server/modules/accounts/sign-in-history";
import { readAllPredictions } from "@/server/modules/history/service";
import { listKeys } from "@/server/modules/keys/service";
import { readAllUsage } from "@/server/modules/usage/service";

/** @throws {DomainError} `key_missing`; `forbidden` for a key that may see a part alone; as `resolveCustomer` */
async function identify(request: Request): Promise<CustomerCaller> {
  const caller = await resolveCustomer({ authorization: request.headers.get("authorization"), session: readSessionCookie(request) });
  if (!caller) throw new DomainError("key_missing", "Send a key, or sign in.");
  if (caller.via.kind === "key" && caller.via.models !== null) {
    throw new DomainError("forbidden", "This key is limited to some models: use one for all of them, or sign in.");
  }
  return caller;
}

/** The document in pieces. What is read first refuses the call if it fails. */
async function writeDocument(customerId: string): Promise<AsyncGenerator<string>> {
  const parts = [getAccount(customerId), listKeys(customerId), readAllUsage(customerId), listSignIns(customerId)] as const;
  const [account, keys, usage, sign_ins] = await Promise.all(parts);
  const head = JSON.stringify({ exported_at: new Date().toISOString(), account, keys, usage, sign_ins });
  async function* write(): AsyncGenerator<string> {
    yield `${head.slice(0, -1)},"predictions":[`;
    let separator = "\n";
    for await (const prediction of readAllPredictions(customerId)) {
      yield separator + JSON.stringify(prediction);
      separator = ",\n";
    }
    yield "\n]}\n";
  }
  return write();
}

async function exportAccount(request: Request, call: ObservedCall): Promise<Response> {
  assertReading(request);
  call.caller = await identify(request);
  const { customerId } = call.caller;
  const headers = describeDownload("vitrine-export", "json", "application/json");
  const pieces = await writeDocument(customerId);
  return new Response(request.method === "HEAD" ? null : streamParts("account", collectParts(pieces)), { headers });
}

/** `GET /api/account/export`: everything there is of the caller, as one JSON document to keep. */
export async function handleExport(request: Request): Promise<Response> {
  if (!serves("api")) return answerNowhere(request);
  const call = observeCall("/api/account/export");
  return answer(request, () => exportAccount(request, call), {
    surface: "api",
    route: call.route,
    describe: (answered) => recordCall(call, answered),
  });
}
