import Link from "next/link";
import { Notice } from "@/components/ui/notice";
import type { UsageSummary } from "@/lib/contracts/usage";
import { formatDay, formatNumber } from "@/lib/format";

/** What to know and what to do when a month's rows are nearly, or all, used. */
export function UsageNotice({ summary: { month, notice } }: { summary: UsageSummary }) {
  if (notice === null) return null;
  const [rows, day] = [formatNumber(month.limit), formatDay(month.resets_at)];
  const more = (
    <a href="#plans" className="link">
      a larger plan
    </a>
  );
  if (notice === "reached") {
    return (
      <Notice tone="bad" title={`All ${rows} predictions of this month are used.`}>
        New ones are refused with{" "}
        <Link href="/docs/errors/quota_exhausted" className="link" prefetch={false}>
          quota_exhausted
        </Link>{" "}
        until {day}, 00:00 UTC. History, keys and pages go on working. To go on at once you need {more}.
      </Notice>
    );
  }
  const share = Math.floor((month.used / Math.max(1, month.limit)) * 100);
  return (
    <Notice tone="warn" title={`${share} % of this month’s predictions are used.`}>
      {formatNumber(Math.max(0, month.limit - month.used))} of {rows} are left until {day}; after them calls are refused. See below which model or
      key uses most, or move to {more} in time.
    </Notice>
  );
}
