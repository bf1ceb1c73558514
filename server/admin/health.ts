import "server-only";
import type { Health } from "@/lib/contracts/rest";
import { assertAllowedAddress } from "@/server/admin/network";
import { answer, MethodRefused } from "@/server/core/answer";
import { pingDatabase } from "@/server/core/db";
import { findAddress } from "@/server/core/forwarded";
import { log } from "@/server/core/log";
import { within } from "@/server/core/within";

/** A probe wants an answer soon, whatever the database does. */
const PATIENCE_MS = 2_000;
const RETRY_AFTER_SECONDS = 5;

/** @throws {DomainError} `not_found` outside of the networks that the console is narrowed to, `method_not_allowed` */
function assertReading(request: Request): void {
  assertAllowedAddress(findAddress(request.headers));
  if (request.method !== "GET" && request.method !== "HEAD") throw new MethodRefused("GET, HEAD");
}

async function checkDatabase(): Promise<Health["checks"][string]> {
  const started = performance.now();
  let status: "ok" | "failed" = "ok";
  try {
    await within(PATIENCE_MS, pingDatabase());
  } catch (error) {
    status = "failed";
    log("warn", "check_failed", { check: "database", cause: error instanceof Error ? error.message : "unknown" });
  }
  return { status, duration_ms: Math.round(performance.now() - started) };
}

function answerHealth(checks: Health["checks"]): Response {
  const ready = Object.values(checks).every(({ status }) => status === "ok");
  const body: Health = { status: ready ? "ok" : "unavailable", checks };
  const headers = new Headers({ "Content-Type": "application/json", "Cache-Control": "no-store" });
  if (!ready) headers.set("Retry-After", String(RETRY_AFTER_SECONDS));
  return new Response(JSON.stringify(body), { status: ready ? 200 : 503, headers });
}

/** `GET /admin/livez`: a process of the console answers. Asks nobody else, and tells nothing that a probe may not know. */
export async function handleConsoleLivez(request: Request): Promise<Response> {
  return answer(request, async () => {
    assertReading(request);
    return answerHealth({});
  });
}

/** `GET /admin/readyz`: the console's only need, the database, answers. Whether customers can predict is `/api/readyz`'s to tell. */
export async function handleConsoleReadyz(request: Request): Promise<Response> {
  return answer(request, async () => {
    assertReading(request);
    return answerHealth({ database: await checkDatabase() });
  });
}
