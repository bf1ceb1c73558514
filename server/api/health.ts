import "server-only";
import type { Health } from "@/lib/contracts/rest";
import { answer, MethodRefused } from "@/server/core/answer";
import { pingDatabase } from "@/server/core/db";
import { log } from "@/server/core/log";
import { within } from "@/server/core/within";
import { getModel, listModels, readModelFile } from "@/server/modules/catalog/service";

/** A probe wants an answer soon, whatever the database does. */
const PATIENCE_MS = 2_000;
const RETRY_AFTER_SECONDS = 5;

/** The files that were read whole and matched their hash; a stored file never changes. */
const seenFiles = new Set<string>();

/** Whether a published model's file can be read; an empty catalog has nothing that could fail. */
export async function checkModels(): Promise<void> {
  const { items } = await listModels({ limit: 1 });
  const [first] = items;
  if (!first) return;
  const { live } = await getModel(first.slug);
  if (seenFiles.has(live.sha256)) return;
  await readModelFile(live.sha256);
  seenFiles.add(live.sha256);
}

async function runCheck(name: string, check: () => Promise<void>): Promise<[string, Health["checks"][string]]> {
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

function assertReading(request: Request): void {
  if (request.method !== "GET" && request.method !== "HEAD") throw new MethodRefused("GET, HEAD");
}

function answerHealth(checks: Health["checks"]): Response {
  const ready = Object.values(checks).every(({ status }) => status === "ok");
  const body: Health = { status: ready ? "ok" : "unavailable", checks };
  const headers = new Headers({ "Content-Type": "application/json", "Cache-Control": "no-store" });
  if (!ready) headers.set("Retry-After", String(RETRY_AFTER_SECONDS));
  return new Response(JSON.stringify(body), { status: ready ? 200 : 503, headers });
}

/** `GET /api/livez`: this process answers. Asks nobody else, so that a database outage restarts nothing. */
export async function handleLivez(request: Request): Promise<Response> {
  return answer(request, async () => {
    assertReading(request);
    return answerHealth({});
  });
}

/** `GET /api/readyz`: the database answers and models can be loaded; 503 with the failed check's name otherwise. */
export async function handleReadyz(request: Request): Promise<Response> {
  return answer(request, async () => {
    assertReading(request);
    const checks = await Promise.all([runCheck("database", pingDatabase), runCheck("models", checkModels)]);
    return answerHealth(Object.fromEntries(checks));
  });
}
