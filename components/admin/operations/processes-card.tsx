import { Card } from "@/components/ui/card";
import { Icon, type IconName } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { ProcessReport } from "@/lib/contracts/traffic.admin";
import { formatBytes, formatMilliseconds, formatNumber } from "@/lib/format";

const surfaceNames = { api: "Customers' API", console: "Console" } as const;

interface State {
  icon: IconName;
  tone: "ok" | "off" | "bad";
  words: string;
}

function stateOf({ alive, can_predict }: ProcessReport): State {
  if (!alive) return { icon: "pause", tone: "off", words: "Silent" };
  return can_predict === false ? { icon: "alert", tone: "bad", words: "Cannot predict" } : { icon: "check", tone: "ok", words: "Runs" };
}

function StateMark({ report }: { report: ProcessReport }) {
  const { icon, tone, words } = stateOf(report);
  return (
    <div>
      <span className="status" data-tone={tone}>
        <Icon name={icon} size={14} />
        {words}
      </span>
      <span className="help block">
        seen <LocalTime iso={report.last_seen_at} />
      </span>
    </div>
  );
}

function Row({ report }: { report: ProcessReport }) {
  const served = report.surfaces.map((surface) => surfaceNames[surface]).join(", ");
  return (
    <tr>
      <th scope="row">
        {report.host}/{report.pid}
        <span className="help block font-normal">{served || "No call yet"}</span>
      </th>
      <td data-label="State">
        <StateMark report={report} />
      </td>
      <td data-label="Version">
        {report.version}, Node {report.node.replace(/^v/, "")}
      </td>
      <td data-label="Began">
        <LocalTime iso={report.started_at} />
      </td>
      <td data-label="Memory" className="number">
        {formatBytes(report.rss_bytes)}
      </td>
      <td data-label="Late" className="number">
        {formatMilliseconds(report.loop_delay_ms)}
      </td>
      <td data-label="Calls" className="number">
        {formatNumber(report.calls, 0)}
      </td>
    </tr>
  );
}

/** Every process that reported in the last day. */
export function ProcessesCard({ processes }: { processes: ProcessReport[] }) {
  return (
    <Card title="Processes" flush aside="Each tells of itself every ten seconds">
      {processes.length === 0 ? (
        <p className="alert-calm">No process has reported yet: each does after its first call.</p>
      ) : (
        <ScrollRegion label="Table of processes">
          <table className="table list-table keys-table">
            <thead>
              <tr>
                <th scope="col">Process</th>
                <th scope="col">State</th>
                <th scope="col">Version</th>
                <th scope="col">Began</th>
                <th scope="col" className="number">
                  Memory
                </th>
                <th scope="col" className="number">
                  Late (p99)
                </th>
                <th scope="col" className="number">
                  Calls
                </th>
              </tr>
            </thead>
            <tbody>
              {processes.map((report) => (
                <Row key={report.id} report={report} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Card>
  );
}
