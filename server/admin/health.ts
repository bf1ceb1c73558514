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
function answerChecks(request: Request, route: string, checks: HealthChecks): Promise<Response> {
  const check = async () => {
    assertAllowedAddress(findAddress(request.headers));
    assertReading(request);
    return answerHealth(checks);
  };
  return answer(request, check, { surface: "console", route, probe: true });
}

/** `GET /admin/livez`: a process of the console answers. Asks nobody else, and tells nothing that a probe may not know. */
export async function handleConsoleLivez(request: Request): Promise<Response> {
  return answerChecks(request, "/admin/livez", {});
}

/** `GET /admin/readyz`: the console's only need, the database, answers. Whether customers can predict is `/api/readyz`'s to tell. */
export async function handleConsoleReadyz(request: Request): Promise<Response> {
  if (serves("admin")) beginReports();
  return answerChecks(request, "/admin/readyz", { process: assertStaying, database: pingDatabase });
}
