import "server-only";
import type { Health } from "@/lib/contracts/rest";
import { log } from "@/server/core/log";
import { within } from "@/server/core/within";

/** A probe wants an answer soon, whatever the database does. */
const PATIENCE_MS = 2_000;
const RETRY_AFTER_SECONDS = 5;

/** Checks by name: what has to hold for this process to be of use; rejects where it does not. */
export type HealthChecks = Record<string, () => Promise<void>>;

async function runCheck([name, check]: [string, () => Promise<void>]): Promise<[string, Health["checks"][string]]> {
  const started = performance.now();
  let status: "ok" | "failed" = "ok";
  try {
    await within(PATIENCE_MS, check());
  } catch (error) {
    status = "failed";
    log("warn", "check_failed", { check: name, cause: error instanceof Error ? error.message : "unknown" });
  }
  return [name, { status, duration_ms: Math.round(performance.now() - started) }];
}

/** Runs all checks at once and tells each; 503 with `Retry-After` unless all of them hold. */
export async function answerHealth(checks: HealthChecks): Promise<Response> {
  const found = await Promise.all(Object.entries(checks).map(runCheck));
  const ready = found.every(([, { status }]) => status === "ok");
  const body: Health = { status: ready ? "ok" : "unavailable", checks: Object.fromEntries(found) };
  const headers = new Headers({ "Content-Type": "application/json", "Cache-Control": "no-store" });
  if (!ready) headers.set("retry-after", String(RETRY_AFTER_SECONDS));
  return new Response(JSON.stringify(body), { status: ready ? 200 : 503, headers });
}
