import { ScrollRegion } from "@/components/ui/scroll-region";
import { formatDay, formatNumber } from "@/lib/format";
import type { DayChart } from "@/lib/usage-view";

/** The chart's numbers as a table, newest day first. */
export function DayTable({ chart: { days, series, limited } }: { chart: DayChart }) {
  const rows = days.map((day, index) => {
    const counts = series.map(({ name, values }) => ({ name, value: values[index] ?? 0 }));
    return { day, counts, limited: limited[index] ?? 0 };
  });
  return (
    <ScrollRegion label="Predictions a day as a table">
      <table className="table list-table">
        <thead>
          <tr>
            <th scope="col">Day (UTC)</th>
            {series.map(({ name }) => (
              <th key={name} scope="col" className="number">
                <span className="inline-block max-w-[18ch] min-w-[8ch] whitespace-normal wrap-anywhere">{name}</span>
              </th>
            ))}
            <th scope="col" className="number">
              All
            </th>
            <th scope="col" className="number">
              Calls refused
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.toReversed().map(({ day, counts, limited: refused }) => (
            <tr key={day}>
              <th scope="row" className="!whitespace-nowrap">
                {formatDay(day)}
              </th>
              {counts.map(({ name, value }) => (
                <td key={name} className="number">
                  {formatNumber(value)}
                </td>
              ))}
              <td className="number">{formatNumber(counts.reduce((all, { value }) => all + value, 0))}</td>
              <td className="number">{formatNumber(refused)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
