import "server-only";
import { assertAllowedAddress } from "@/server/admin/network";
import { answer, assertReading } from "@/server/core/answer";
import { pingDatabase } from "@/server/core/db";
import { assertStaying } from "@/server/core/ending";
import { findAddress } from "@/server/core/forwarded";
import { answerHealth, type HealthChecks } from "@/server/core/health";
import { serves } from "@/server/core/served";
import { beginReports } from "@/server/modules/traffic/service";

/** Outside of the networks that the console is narrowed to there is nothing at these addresses either. */
function answerChecks(request: Request, checks: HealthChecks): Promise<Response> {
  return answer(request, async () => {
    assertAllowedAddress(findAddress(request.headers));
    assertReading(request);
    return answerHealth(checks);
  });
}

/** `GET /admin/livez`: a process of the console answers. Asks nobody else, and tells nothing that a probe may not know. */
export async function handleConsoleLivez(request: Request): Promise<Response> {
  return answerChecks(request, {});
}

/** `GET /admin/readyz`: the console's only need, the database, answers. Whether customers can predict is `/api/readyz`'s to tell. */
export async function handleConsoleReadyz(request: Request): Promise<Response> {
  if (serves("admin")) beginReports();
  return answerChecks(request, { process: assertStaying, database: pingDatabase });
}
