import "server-only";
import { readPart } from "@/server/admin/overview-joins";
import { requireOperatorHere } from "@/server/admin/session";
import { countActiveAlerts } from "@/server/modules/alerts/service.admin";

/** What the frame around every page of the console shows; whoever is not signed in is led to sign in. */
export async function readFrame() {
  const session = await requireOperatorHere();
  const { name, email, role } = session.operator;
  const alerts = await readPart("the count of alerts", [], 0, countActiveAlerts);
  return { operator: { name, email, role }, alerts };
}
