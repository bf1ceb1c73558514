import Link from "next/link";
import { Card } from "@/components/ui/card";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { OverviewModel } from "@/lib/contracts/overview.admin";
import type { ModelTraffic, TrafficOverview } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";
import { behind, failedShare, formatMs, formatShare, slowerThan } from "@/lib/overview-view.admin";

interface ModelRowProps {
  row: ModelTraffic;
  model: OverviewModel | undefined;
  traffic: TrafficOverview;
}

function Released({ model }: { model: OverviewModel | undefined }) {
  if (!model) return <span className="text-ink-3">gone</span>;
  return (
    <>
      {model.live ?? "none"}{" "}
      {model.candidate !== null && <span className="chip chip-glass">{`${model.candidate}${model.share === null ? " on trial" : ` at ${model.share} %`}`}</span>}
    </>
  );
}

function ModelRow({ row, model, traffic }: ModelRowProps) {
  const to = (more: Parameters<typeof behind>[2] = {}) => behind(traffic, "api", { model: row.model, ...more });
  const percentiles = [row.p50_ms, row.p95_ms, row.p99_ms] as const;
  return (
    <tr>
      <th scope="row">
        {model ? (
          <Link href={`/admin/models/${row.model}`} className="plain-link" prefetch={false}>
            {model.name}
          </Link>
        ) : (
          row.model
        )}
      </th>
      <td className="whitespace-nowrap">
        <Released model={model} />
      </td>
      <td>
        <span className="share">
          <span className="share-bar" aria-hidden="true">
            <i style={{ width: `${row.share * 100}%` }} />
          </span>
          <Link href={to()} className="figure-link tabular" prefetch={false} aria-label={`${formatNumber(row.calls)} requests, ${formatShare(row.share)} of all`}>
            {formatNumber(row.share * 100, 0)} %
          </Link>
        </span>
      </td>
      {percentiles.map((value, index) => (
        <td key={["p50", "p95", "p99"][index]} className="number">
          <Link href={to(slowerThan(value))} className="figure-link" prefetch={false}>
            {formatMs(value)}
          </Link>
        </td>
      ))}
      <td className="number">
        <Link href={to({ status: "5xx" })} className="figure-link" prefetch={false}>
          {formatShare(failedShare(row)).replace(" %", "")}
        </Link>
      </td>
    </tr>
  );
}

/** Who was asked for predictions how often, and how each did. */
export function ModelsTable({ traffic, models }: { traffic: TrafficOverview; models: Record<string, OverviewModel> }) {
  return (
    <Card title="Models" aside={<Link href="/admin/models" className="link" prefetch={false}>All models</Link>} flush>
      {traffic.models.length === 0 ? (
        <p className="card-body text-ink-2">No model was asked for a prediction in this span.</p>
      ) : (
        <ScrollRegion label="Models by requests">
          <table className="table list-table board-table board-models">
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col">In use</th>
                <th scope="col">Share of requests</th>
                {["p50 ms", "p95 ms", "p99 ms", "Failed %"].map((name) => (
                  <th key={name} scope="col" className="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {traffic.models.map((row) => (
                <ModelRow key={row.model} row={row} model={models[row.model]} traffic={traffic} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Card>
  );
}
