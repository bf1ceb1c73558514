import "server-only";
import { answer, MethodRefused } from "@/server/core/answer";
import { type ObservedCall, observeCall, recordCall } from "@/server/api/observe";
import { readSessionCookie } from "@/server/api/own-page";
import { DomainError } from "@/server/core/errors";
import { log } from "@/server/core/log";
import type { CustomerCaller } from "@/server/core/trpc";
import { resolveCustomer } from "@/server/modules/accounts/caller";
import { getAccount } from "@/server/modules/accounts/service";
import { listSignIns } from "@/server/modules/accounts/sign-in-history";
import { readAllPredictions } from "@/server/modules/history/service";
import { listKeys } from "@/server/modules/keys/service";
import { readAllUsage } from "@/server/modules/usage/service";

/** So much text is collected before it is sent on. */
const PART_CHARACTERS = 64 * 1024;

/** @throws {DomainError} `key_missing`; `forbidden` for a key that may see a part alone; as `resolveCustomer` */
async function identify(request: Request): Promise<CustomerCaller> {
  const caller = await resolveCustomer({ authorization: request.headers.get("authorization"), session: readSessionCookie(request) });
  if (!caller) throw new DomainError("key_missing", "Send a key, or sign in.");
  if (caller.via.kind === "key" && caller.via.models !== null) {
    throw new DomainError("forbidden", "This key is limited to some models: use one for all of them, or sign in.");
  }
  return caller;
}

/** The document in parts, as much of it in memory as one part needs. What is read first refuses the call if it fails. */
async function writeDocument(customerId: string): Promise<AsyncGenerator<string>> {
  const parts = [getAccount(customerId), listKeys(customerId), readAllUsage(customerId), listSignIns(customerId)] as const;
  const [account, keys, usage, sign_ins] = await Promise.all(parts);
  const head = JSON.stringify({ exported_at: new Date().toISOString(), account, keys, usage, sign_ins });
  async function* write(): AsyncGenerator<string> {
    let part = `${head.slice(0, -1)},"predictions":[`;
    let separator = "\n";
    for await (const prediction of readAllPredictions(customerId)) {
      part += separator + JSON.stringify(prediction);
      separator = ",\n";
      if (part.length < PART_CHARACTERS) continue;
      yield part;
      part = "";
    }
    yield `${part}\n]}\n`;
  }
  return write();
}

/** A stream that asks for the next part when the last one is on its way. A failure breaks it off: half a document must not look whole. */
function toStream(parts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        log("error", "export_broke_off", { cause: error instanceof Error ? error.name : "unknown" });
        controller.error(new Error("The export broke off."));
      }
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

async function exportAccount(request: Request, call: ObservedCall): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") throw new MethodRefused("GET, HEAD");
  call.caller = await identify(request);
  const { customerId } = call.caller;
  const headers = new Headers({
    "Content-Type": "application/json",
    "Content-Disposition": `attachment; filename="vitrine-export-${new Date().toISOString().slice(0, 10)}.json"`,
    "Cache-Control": "no-store",
  });
  const parts = await writeDocument(customerId);
  return new Response(request.method === "HEAD" ? null : toStream(parts), { headers });
}

/** `GET /api/account/export`: everything there is of the caller, as one JSON document to keep. */
export async function handleExport(request: Request): Promise<Response> {
  const call = observeCall("/api/account/export");
  return answer(request, () => exportAccount(request, call), (answered) => recordCall(call, answered));
}
