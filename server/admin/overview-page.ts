import "server-only";
import type { OverviewBoard } from "@/lib/contracts/overview.admin";
import { surface, type Surface, trafficRange, type TrafficRange } from "@/lib/contracts/traffic.admin";
import { writeFirstCall } from "@/server/admin/first-call";
import { readPart } from "@/server/admin/overview-joins";
import { consoleCaller } from "@/server/admin/session";

export interface OverviewPageData {
  initial: OverviewBoard;
  range: TrafficRange;
  /** Whose charts are shown; the figures of both are. */
  shown: Surface;
  /** A line that makes a first call, where nobody called in the span. */
  curl: string | null;
}

/** The overview as its address asks for it; what the address says wrongly is as if it were not there. */
export async function readOverviewPage(given: { range: string | undefined; surface: string | undefined }): Promise<OverviewPageData> {
  const range = trafficRange.catch("24h").parse(given.range);
  const initial = await (await consoleCaller()).overview.get({ range });
  const isIdle = initial.traffic.surfaces.every((one) => one.surface !== "api" || one.totals.calls === 0);
  const curl = isIdle ? await readPart("a first call", [], null, writeFirstCall) : null;
  return { initial, range, shown: surface.catch("api").parse(given.surface), curl };
}
