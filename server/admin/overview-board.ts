import "server-only";
import type { OverviewBoard } from "@/lib/contracts/overview.admin";
import type { TrafficRange } from "@/lib/contracts/traffic.admin";
import {
  readActiveAlerts,
  readAlertEvents,
  readChanges,
  readCustomerNames,
  readModelNames,
  readPart,
  readReleaseEvents,
} from "@/server/admin/overview-joins";
import { readOverview } from "@/server/modules/traffic/service.admin";

/** The traffic of a range, with names, releases, alerts and acts beside it. What is beside it may be missing; the traffic is not. */
export async function readOverviewBoard(range: TrafficRange): Promise<OverviewBoard> {
  const missing: string[] = [];
  // First and alone: it asks much of the connections there are, and it is the one part that must not be missing.
  const traffic = await readOverview({ range });
  const [models, alerts, changes] = await Promise.all([
    readPart("the names of models", missing, {}, readModelNames),
    readPart("alerts", missing, [], readActiveAlerts),
    readPart("the latest changes", missing, [], readChanges),
  ]);
  const [releases, turns, customers] = await Promise.all([
    readPart("releases", missing, [], () => readReleaseEvents(traffic.from)),
    readPart("the history of alerts", missing, [], () => readAlertEvents(traffic.from)),
    readPart("the names of customers", missing, {}, () => readCustomerNames(traffic.customers)),
  ]);
  const events = [...releases, ...turns].sort((one, other) => one.at.localeCompare(other.at));
  return { traffic, models, customers, events, alerts, changes, missing };
}
