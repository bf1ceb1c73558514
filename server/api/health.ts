import "server-only";
import { answer, assertReading } from "@/server/core/answer";
import { pingDatabase } from "@/server/core/db";
import { assertStaying } from "@/server/core/ending";
import { answerHealth, type HealthChecks } from "@/server/core/health";
import { assertServed, serves } from "@/server/core/served";
import { getModel, listModels, readModelFile } from "@/server/modules/catalog/service";
import { beginReports, reportPredicting } from "@/server/modules/traffic/service";

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

function answerChecks(request: Request, route: string, checks: HealthChecks): Promise<Response> {
  const check = async () => {
    assertServed("site", "api");
    assertReading(request);
    return answerHealth(checks);
  };
  return answer(request, check, { surface: "api", route, probe: true });
}

/** `GET /api/livez`: this process answers. Asks nobody else, so that a database outage restarts nothing. */
export async function handleLivez(request: Request): Promise<Response> {
  return answerChecks(request, "/api/livez", {});
}

/** `GET /api/readyz`: the database answers and models can be loaded; 503 with the failed check's name otherwise. */
export async function handleReadyz(request: Request): Promise<Response> {
  if (serves("api")) reportPredicting(checkModels);
  if (serves("site") || serves("api")) beginReports();
  return answerChecks(request, "/api/readyz", { process: assertStaying, database: pingDatabase, models: checkModels });
}
