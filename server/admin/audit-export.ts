import "server-only";
import { answerObserved } from "@/server/admin/observe";
import { requireSessionOf } from "@/server/admin/request-session";
import { assertMayAct } from "@/server/admin/turns";
import { assertReading } from "@/server/core/answer";
import { findAddress } from "@/server/core/forwarded";
import { collectParts, describeDownload, streamParts } from "@/server/core/stream";
import { endStretches, recordEvent, writeAudit } from "@/server/modules/audit/service.admin";

async function exportAudit(request: Request, requestId: string): Promise<Response> {
  const { operator } = await requireSessionOf(request, "operator");
  assertReading(request);
  const headers = describeDownload("vitrine-audit", "jsonl", "application/jsonl; charset=utf-8");
  if (request.method === "HEAD") return new Response(null, { headers });
  await assertMayAct(operator.id, "export");
  const actor = { operator, address: findAddress(request.headers), requestId };
  await endStretches("all");
  await recordEvent(actor, { action: "audit.export", target: { kind: "audit", id: "all" } });
  return new Response(streamParts("audit", collectParts(writeAudit())), { headers });
}

/** `GET /admin/audit-export`: the whole audit in lines of JSON, with the hashes that prove that it is whole. */
export async function handleAuditExport(request: Request): Promise<Response> {
  return answerObserved(request, "audit-export", (requestId) => exportAudit(request, requestId));
}
