import "server-only";
import { assertAllowedAddress } from "@/server/admin/network";
import { readConsoleCookie } from "@/server/admin/own-page";
import { answerObserved } from "@/server/admin/observe";
import { MethodRefused } from "@/server/core/answer";
import { DomainError } from "@/server/core/errors";
import { findAddress } from "@/server/core/forwarded";
import { log } from "@/server/core/log";
import { isAtLeast } from "@/server/core/operator.admin";
import { recordEvent, writeAudit } from "@/server/modules/audit/service.admin";
import { type OperatorSession, resolveOperatorSession } from "@/server/modules/operators/sessions";

/** So much text is collected before it is sent on. */
const PART_CHARACTERS = 64 * 1024;

/** @throws {DomainError} `not_found`, `console_session_needed`, `password_change_needed`, `forbidden` */
async function identify(request: Request): Promise<OperatorSession> {
  assertAllowedAddress(findAddress(request.headers));
  const token = readConsoleCookie(request, "session");
  const session = token === null ? null : await resolveOperatorSession(token);
  if (!session) throw new DomainError("console_session_needed", "Sign in to the console.");
  if (session.mustChangePassword) throw new DomainError("password_change_needed", "Choose a password of your own first.");
  if (!isAtLeast(session.operator.role, "operator")) throw new DomainError("forbidden", "This takes the role operator; yours is viewer.");
  return session;
}

async function* collect(lines: AsyncGenerator<string>): AsyncGenerator<string> {
  let part = "";
  for await (const line of lines) {
    part += line;
    if (part.length < PART_CHARACTERS) continue;
    yield part;
    part = "";
  }
  if (part !== "") yield part;
}

/** A stream that asks for the next part when the last one is on its way. A failure breaks it off: half an audit must not look whole. */
function toStream(parts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        log("error", "audit_export_broke_off", { cause: error instanceof Error ? error.name : "unknown" });
        controller.error(new Error("The export broke off."));
      }
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

async function exportAudit(request: Request, requestId: string): Promise<Response> {
  const { operator } = await identify(request);
  if (request.method !== "GET" && request.method !== "HEAD") throw new MethodRefused("GET, HEAD");
  const headers = new Headers({
    "Content-Type": "application/jsonl; charset=utf-8",
    "Content-Disposition": `attachment; filename="vitrine-audit-${new Date().toISOString().slice(0, 10)}.jsonl"`,
    "Cache-Control": "no-store",
  });
  if (request.method === "HEAD") return new Response(null, { headers });
  const actor = { operator, address: findAddress(request.headers), requestId };
  await recordEvent(actor, { action: "audit.export", target: { kind: "audit", id: "all" } });
  return new Response(toStream(collect(writeAudit())), { headers });
}

/** `GET /admin/audit-export`: the whole audit in lines of JSON, with the hashes that prove that it is whole. */
export async function handleAuditExport(request: Request): Promise<Response> {
  return answerObserved(request, "audit-export", (requestId) => exportAudit(request, requestId));
}
