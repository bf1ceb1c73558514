import type { Metadata } from "next";
import { OperationsBoard } from "@/components/admin/operations/operations-board";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { readOperationsPage } from "@/server/admin/operations-page";
import { requireOperator } from "@/server/admin/session";

export const metadata: Metadata = { title: "Operations" };

export default async function OperationsPage() {
  const { operator } = await requireOperator("/admin/operations");
  const { notice, environment, jobs } = await readOperationsPage();
  return (
    <ConsolePage title="Operations">
      <OperationsBoard notice={notice} environment={environment} jobs={jobs} role={operator.role} />
    </ConsolePage>
  );
}
