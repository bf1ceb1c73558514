import { ScrollRegion } from "@/components/ui/scroll-region";
import type { UsageSummary } from "@/lib/contracts/usage";
import { formatNumber } from "@/lib/format";
import { type PlanLimits, type PlanName, planNames, plans } from "@/lib/plans";

const facts: { words: string; say: (limits: PlanLimits) => string }[] = [
  { words: "Predictions in a minute", say: ({ rowsPerMinute }) => formatNumber(rowsPerMinute) },
  { words: "Predictions in a month", say: ({ rowsPerMonth }) => formatNumber(rowsPerMonth) },
  { words: "Rows in one call", say: ({ rowsPerCall }) => formatNumber(rowsPerCall) },
  { words: "History is kept", say: ({ retentionDays }) => `${retentionDays} days` },
];

/** The limits in force for this account: those of its plan, and what was agreed for it alone. */
function ownLimits({ minute, month, rows_per_call: rowsPerCall, retention_days: retentionDays }: UsageSummary): PlanLimits {
  return { rowsPerMinute: minute.limit, rowsPerMonth: month.limit, rowsPerCall, retentionDays };
}

/** The plans side by side, the reader's own marked and with the limits that really hold for it. */
export function PlanTable({ summary }: { summary: UsageSummary }) {
  const limitsOf = (name: PlanName) => (name === summary.plan ? ownLimits(summary) : plans[name]);
  return (
    <ScrollRegion label="Plans">
      <table className="table list-table plan-table">
        <thead>
          <tr>
            <th scope="col">Limit</th>
            {planNames.map((name) => (
              <th key={name} scope="col" className="number" data-own={name === summary.plan}>
                {plans[name].title} {name === summary.plan && <span className="chip ml-1">yours</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {facts.map(({ words, say }) => (
            <tr key={words}>
              <th scope="row">{words}</th>
              {planNames.map((name) => (
                <td key={name} className="number" data-own={name === summary.plan}>
                  {say(limitsOf(name))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
