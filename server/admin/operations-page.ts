import "server-only";
import { consoleCaller } from "@/server/admin/session";

/** Everything that the page of operations shows. */
export async function readOperationsPage() {
  const { operations } = await consoleCaller();
  const [notice, environment, jobs] = await Promise.all([operations.notice(), operations.environment(), operations.jobs()]);
  return { notice, environment, jobs: jobs.items };
}
