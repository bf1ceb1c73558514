import { Icon } from "@/components/ui/icon";
import { formatNumber } from "@/lib/format";
import { plans } from "@/lib/plans";

const { rowsPerMinute, rowsPerMonth, retentionDays } = plans.free;

const gains = [
  ["Keys", "Call every model from your own software, and see who calls what."],
  ["History", `Every answer stays for ${retentionDays} days: open it, compare it, put it back into the form.`],
  ["Usage", `${formatNumber(rowsPerMonth)} rows a month and ${formatNumber(rowsPerMinute)} a minute, free of charge.`],
] as const;

/** What an account gives. */
export function WithAccount() {
  return (
    <ul className="grid gap-3">
      {gains.map(([title, words]) => (
        <li key={title} className="flex gap-2.5 border-t border-grid pt-3 first:border-t-0 first:pt-0">
          <span className="mt-0.5 text-glass">
            <Icon name="done" />
          </span>
          <p className="text-[13px] text-ink-2">
            <b className="block font-[550] text-ink">{title}</b>
            {words}
          </p>
        </li>
      ))}
    </ul>
  );
}
