import "server-only";
import { assertScheduler } from "@/server/admin/jobs";
import { writeMetrics } from "@/server/admin/metrics-text";
import { assertAllowedAddress } from "@/server/admin/network";
import { readPart } from "@/server/admin/overview-joins";
import { requireSessionOf } from "@/server/admin/request-session";
import { answer, assertReading, inTime } from "@/server/core/answer";
import { findAddress } from "@/server/core/forwarded";
import { METRICS_TYPE } from "@/server/core/metrics-text";
import { countActiveAlerts } from "@/server/modules/alerts/service.admin";
import { readTotals } from "@/server/modules/traffic/totals.admin";

const ANSWER_MS = 10_000;

async function exposeMetrics(): Promise<Response> {
  const [totals, alerts] = await Promise.all([readTotals(), readPart("the count of alerts", [], null, countActiveAlerts)]);
  const headers = { "Content-Type": METRICS_TYPE, "Cache-Control": "no-store" };
  return new Response(writeMetrics(totals, alerts), { headers });
}

/**
 * `GET /admin/metrics`: what every process of the service counted together, for a scraper with the scheduler's secret or a reader who is
 * signed in to the console. Processes come and go, so nothing is told that only one of them knows.
 */
export async function handleMetrics(request: Request): Promise<Response> {
  const expose = async () => {
    assertAllowedAddress(findAddress(request.headers));
    assertReading(request);
    if (request.headers.has("authorization")) assertScheduler(request);
    else await requireSessionOf(request, "viewer");
    return inTime(ANSWER_MS, exposeMetrics());
  };
  return answer(request, expose, { surface: "console", route: "/admin/metrics", probe: true });
}
