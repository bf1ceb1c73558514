import type { Metadata } from "next";
import { AccountFrame } from "@/components/shell/account-frame";
import { Card } from "@/components/ui/card";
import { PlanTable } from "@/components/usage/plan-table";
import { UsageChart } from "@/components/usage/usage-chart";
import { UsageNotice } from "@/components/usage/usage-notice";
import { UsageTiles } from "@/components/usage/usage-tiles";
import { assertSitePage } from "@/server/site/served";
import { requireCustomer } from "@/server/site/session";
import { readUsagePage, usageRanges } from "@/server/site/usage";

export const metadata: Metadata = { title: "Usage" };

interface UsagePageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function UsagePage({ searchParams }: UsagePageProps) {
  assertSitePage();
  const query = await searchParams;
  const days = usageRanges.find((range) => String(range) === query["days"]) ?? 30;
  const by = query["by"] === "key" ? "key" : "model";
  const isChosen = query["days"] !== undefined || query["by"] !== undefined;
  await requireCustomer(isChosen ? `/usage?days=${days}&by=${by}` : "/usage");
  const { summary, chart, yesterday, refused, now } = await readUsagePage(days, by);
  return (
    <AccountFrame title="Usage">
      <UsageNotice summary={summary} />
      <section className="card" aria-label="What was used">
        <UsageTiles summary={summary} yesterday={yesterday} refused={refused} now={now} />
        <UsageChart chart={chart} days={days} by={by} ranges={usageRanges} />
      </section>
      <div id="plans" className="scroll-mt-4">
        <Card title="Plan and limits" aside="One row is one prediction: a call with 50 rows counts 50" flush>
          <PlanTable summary={summary} />
        </Card>
      </div>
    </AccountFrame>
  );
}
