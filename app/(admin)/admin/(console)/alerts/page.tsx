import type { Metadata } from "next";
import { AlertHistory } from "@/components/admin/alerts/alert-history";
import { AlertsPanel } from "@/components/admin/alerts/alerts-panel";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { firstValue } from "@/lib/first-value";
import { readAlertsPage } from "@/server/admin/alerts-page";
import { requireOperator } from "@/server/admin/session";

export const metadata: Metadata = { title: "Alerts" };

interface AlertsPageProps {
  searchParams: Promise<Record<"rule" | "before", string | string[] | undefined>>;
}

export default async function AlertsPage({ searchParams }: AlertsPageProps) {
  const { operator } = await requireOperator("/admin/alerts");
  const given = await searchParams;
  const { active, rules, history, rule, models, mails } = await readAlertsPage({ rule: firstValue(given.rule), before: firstValue(given.before) });
  return (
    <ConsolePage title="Alerts">
      <AlertsPanel active={active} rules={rules} models={models} mails={mails} mayChange={operator.role !== "viewer"} />
      <AlertHistory page={history} rule={rule} rules={rules} />
    </ConsolePage>
  );
}
