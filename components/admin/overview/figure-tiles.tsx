import Link from "next/link";
import type { ReactNode } from "react";
import { overviewHref } from "@/components/admin/overview/board-actions";
import { Spark } from "@/components/charts/spark";
import type { Surface, SurfaceOverview, TrafficOverview } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";
import { behind, failedShare, formatMs, formatShare, sayChange, slowerThan, surfaceNames } from "@/lib/overview-view.admin";

interface FigureProps {
  name: string;
  href: string;
  /** What a click leads to, for readers who do not see the tile around it. */
  leads: string;
  figure: string;
  unit?: string;
  spark: { values: readonly (number | null)[]; colour: string };
  children: ReactNode;
}

function Figure({ name, href, leads, figure, unit, spark, children }: FigureProps) {
  return (
    <div className="figure">
      <p className="help">{name}</p>
      <p className="figure-value">
        <Link href={href} className="figure-link" prefetch={false} aria-label={`${name}: ${figure}${unit === undefined ? "" : ` ${unit}`}. ${leads}`}>
          {figure}
        </Link>
        {unit !== undefined && <small> {unit}</small>}
      </p>
      <Spark {...spark} />
      <p className="help figure-note">{children}</p>
    </div>
  );
}

/** A figure within a line of text that leads to the requests behind it. */
function Small({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className="figure-link" prefetch={false}>
      {children}
    </Link>
  );
}

function SurfaceTiles({ overview, traffic }: { overview: SurfaceOverview; traffic: TrafficOverview }) {
  const { surface, totals, series } = overview;
  const share = failedShare(totals);
  const to = (more: Parameters<typeof behind>[2]) => behind(traffic, surface, more);
  const of = (read: (point: (typeof series)[number]) => number | null, colour: string) => ({ values: series.map(read), colour });
  return (
    <>
      <Figure name="Requests" href={to({})} leads="Show them" figure={formatNumber(totals.calls)} spark={of(({ calls }) => calls, "var(--c1)")}>
        {sayChange(overview, traffic.range)}
      </Figure>
      <Figure
        name="p95 latency"
        href={to(slowerThan(totals.p95_ms))}
        leads="Show slower ones"
        figure={formatMs(totals.p95_ms)}
        unit="ms"
        spark={of(({ p95_ms: p95 }) => p95, "var(--c1)")}
      >
        <Small href={to(slowerThan(totals.p50_ms))}>p50 {formatMs(totals.p50_ms)} ms</Small>,{" "}
        <Small href={to(slowerThan(totals.p99_ms))}>p99 {formatMs(totals.p99_ms)} ms</Small>
      </Figure>
      <Figure
        name="Failed"
        href={to({ status: "5xx" })}
        leads="Show them"
        figure={share === null ? "–" : formatShare(share).replace(" %", "")}
        unit="%"
        spark={of(({ failed }) => failed, "var(--bad)")}
      >
        <Small href={to({ status: "5xx" })}>{formatNumber(totals.failed)} failed</Small>,{" "}
        <Small href={to({ status: "4xx" })}>{formatNumber(totals.refused)} refused</Small>
      </Figure>
      <Figure
        name="Limits hit"
        href={to({ status: "429" })}
        leads="Show them"
        figure={formatNumber(totals.limited)}
        spark={of(({ limited }) => limited, "var(--c2)")}
      >
        {totals.calls === 0 ? "no calls" : `${formatShare(totals.limited / totals.calls)} of requests`}
      </Figure>
    </>
  );
}

/** The figures of both surfaces; each leads to the requests behind it. */
export function FigureTiles({ traffic, shown }: { traffic: TrafficOverview; shown: Surface }) {
  return (
    <section className="card figures" aria-label="Figures">
      {traffic.surfaces.map((overview) => {
        const { surface } = overview;
        return (
          <div key={surface} className="figures-row" role="group" aria-label={surfaceNames[surface]}>
            <div className="figures-name">
              <h2>{surfaceNames[surface]}</h2>
              <Link href={overviewHref(traffic.range, surface)} className="link help" prefetch={false} scroll={false} aria-current={surface === shown ? "true" : undefined}>
                {surface === shown ? "Its charts are below" : "Show its charts"}
              </Link>
            </div>
            <SurfaceTiles overview={overview} traffic={traffic} />
          </div>
        );
      })}
    </section>
  );
}
