"use client";

import Link from "next/link";
import { useNow } from "@/components/admin/overview/use-now";
import { Icon, type IconName } from "@/components/ui/icon";
import type { CanPredict, ProcessReport, SurfaceOverview, TrafficOverview } from "@/lib/contracts/traffic.admin";
import { formatBytes, formatMilliseconds, formatNumber } from "@/lib/format";
import { formatAgo } from "@/lib/moment";
import { behind, type Condition, failedShare, formatShare, formatSince, judgeSpans, surfaceNames } from "@/lib/overview-view.admin";

const SPANS = 40;
/** Further ones are counted, not named. */
const MOST_PROCESSES = 8;
const conditionWords: Record<Condition, string> = { idle: "without a call", works: "working", slow: "slow", failing: "failing" };
const states: Record<CanPredict["state"], { icon: IconName; tone: string; title: string }> = {
  yes: { icon: "done", tone: "ok", title: "Customers can predict" },
  no: { icon: "alert", tone: "bad", title: "Customers cannot predict" },
  unknown: { icon: "warn", tone: "warn", title: "Not known whether customers can predict" },
};

function Predicting({ can, now }: { can: CanPredict; now: number }) {
  const { icon, tone, title } = states[can.state];
  return (
    <div className="health-main" data-tone={tone}>
      <Icon name={icon} size={20} />
      <div>
        <p className="font-[550]">{title}</p>
        <p className="help">{can.state === "yes" && can.checked_at ? `Last check ${formatAgo(can.checked_at, now)}` : can.why}</p>
      </div>
    </div>
  );
}

/** How good each part of the span was: the shape carries it, not the colour alone. */
function SurfaceHealth({ overview, traffic }: { overview: SurfaceOverview; traffic: TrafficOverview }) {
  const spans = judgeSpans(overview.series, SPANS);
  const share = failedShare(overview.totals);
  const counts = new Map<Condition, number>();
  for (const span of spans) counts.set(span, (counts.get(span) ?? 0) + 1);
  const words = [...counts].map(([condition, count]) => `${count} ${conditionWords[condition]}`).join(", ");
  return (
    <div>
      <p className="health-name">
        <span>{surfaceNames[overview.surface]}</span>
        <Link href={behind(traffic, overview.surface, { status: "5xx" })} className="figure-link help" prefetch={false}>
          {share === null ? "idle" : `${formatShare(share === 0 ? 1 : Math.min(1 - share, 0.9999))}`}
          {share !== null && <span className="sr-only"> of calls without a failure: show those that failed</span>}
        </Link>
      </p>
      <div className="health-bars" role="img" aria-label={`${surfaceNames[overview.surface]}, ${spans.length} spans of time: ${words}.`}>
        {spans.map((condition, index) => (
          <i key={overview.series[index]?.at} data-is={condition} />
        ))}
      </div>
    </div>
  );
}

function ProcessHealth({ report, now }: { report: ProcessReport; now: number }) {
  const { alive, host, pid, surfaces, last_seen_at: seen, rss_bytes: bytes, loop_delay_ms: late, calls } = report;
  return (
    <li data-alive={alive}>
      <p className="health-name">
        <span className="status" data-tone={alive ? "ok" : "warn"}>
          <Icon name={alive ? "check" : "warn"} size={14} />
          {alive ? "Process" : "Silent process"} {pid}
        </span>
        <span className="help">{alive ? formatBytes(bytes) : `for ${formatSince(seen, now)}`}</span>
      </p>
      <p className="help truncate" title={`Machine ${host}, build ${report.version}, Node ${report.node}`}>
        {surfaces.length === 0 ? "no calls yet" : surfaces.map((surface) => (surface === "api" ? "API" : "console")).join(" and ")},{" "}
        {formatNumber(calls)} calls, late {formatMilliseconds(late)}
      </p>
    </li>
  );
}

/** Whether customers are served, how both surfaces did, and every process that reports; silent ones come first. */
export function HealthStrip({ traffic }: { traffic: TrafficOverview }) {
  const now = useNow(traffic.to);
  const { processes, surfaces, customers_can_predict: can } = traffic;
  const sorted = processes.toSorted((one, other) => Number(one.alive) - Number(other.alive));
  const alive = processes.filter((report) => report.alive).length;
  return (
    <section className="card health" aria-label="Health">
      <Predicting can={can} now={now} />
      {surfaces.map((overview) => (
        <SurfaceHealth key={overview.surface} overview={overview} traffic={traffic} />
      ))}
      <ul className="health-processes" aria-label={`Processes: ${alive} alive, ${processes.length - alive} silent`}>
        {processes.length === 0 && <li className="help">No process has reported in the last day.</li>}
        {sorted.slice(0, MOST_PROCESSES).map((report) => (
          <ProcessHealth key={report.id} report={report} now={now} />
        ))}
        {processes.length > MOST_PROCESSES && <li className="help">and {processes.length - MOST_PROCESSES} more</li>}
      </ul>
    </section>
  );
}
