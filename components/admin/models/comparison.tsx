import type { ReactNode } from "react";
import { Card } from "@/components/ui/card";
import { Icon, type IconName } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { compareHeldOut, compareTraffic, type ComparedRow, countVerdicts, leastAnswers, type Verdict } from "@/lib/compare-arms.admin";
import type { ConsoleVersion } from "@/lib/contracts/releases.admin";
import type { ArmTraffic } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";

const verdicts: Record<Verdict, { words: string; icon: IconName; tone: string }> = {
  better: { words: "better", icon: "done", tone: "ok" },
  faster: { words: "faster", icon: "done", tone: "ok" },
  worse: { words: "worse", icon: "warn", tone: "warn" },
  slower: { words: "slower", icon: "warn", tone: "warn" },
  higher: { words: "higher", icon: "info", tone: "info" },
  lower: { words: "lower", icon: "info", tone: "info" },
  other: { words: "other than before", icon: "info", tone: "info" },
  same: { words: "no difference", icon: "minus", tone: "off" },
  few: { words: "too few calls to say", icon: "minus", tone: "off" },
};

function Row({ row }: { row: ComparedRow }) {
  const verdict = row.verdict && verdicts[row.verdict];
  return (
    <tr>
      <th scope="row">{row.name}</th>
      <td className="number">{row.live}</td>
      <td className="number font-[550]">{row.candidate}</td>
      <td className="number text-ink-2">{row.difference}</td>
      <td>
        {verdict && (
          <span className="status" data-tone={verdict.tone}>
            <Icon name={verdict.icon} size={14} />
            {verdict.words}
          </span>
        )}
      </td>
    </tr>
  );
}

function GroupHead({ children }: { children: ReactNode }) {
  return (
    <tr className="group-head">
      <th scope="colgroup" colSpan={5}>
        {children}
      </th>
    </tr>
  );
}

interface ComparisonProps {
  live: ConsoleVersion;
  candidate: ConsoleVersion;
  traffic: { live: ArmTraffic; candidate: ArmTraffic; since: string };
}

/** Live version and candidate side by side: what they came with, and what their calls showed since the candidate began. */
export function Comparison({ live, candidate, traffic }: ComparisonProps) {
  const heldOut = compareHeldOut(live, candidate);
  const calls = compareTraffic(traffic.live, traffic.candidate, candidate.outputs);
  return (
    <Card title={`Version ${live.version} against version ${candidate.version}`} aside={countVerdicts([...heldOut, ...calls])} flush>
      <ScrollRegion label="Comparison of both versions" className="relative">
        <table className="table list-table arms-table">
          <thead>
            <tr>
              <th scope="col">
                <span className="sr-only">Figure</span>
              </th>
              <th scope="col" className="number">
                {live.version}, live
              </th>
              <th scope="col" className="number">
                {candidate.version}, candidate
              </th>
              <th scope="col" className="number">
                Difference
              </th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {heldOut.length > 0 && <GroupHead>On cases neither had seen</GroupHead>}
            {heldOut.map((row) => (
              <Row key={row.name} row={row} />
            ))}
            <GroupHead>
              On live calls since <LocalTime iso={traffic.since} />
            </GroupHead>
            {calls.map((row) => (
              <Row key={row.name} row={row} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      <p className="help px-4 py-3">
        A verdict on shares and averages is given where chance alone would bring such a difference in fewer than one of a hundred trials.
        Times are not tested for chance: they differ from a fifth on, and only where at least ten answers of each version took longer
        still. That takes {formatNumber(leastAnswers("p50_ms"))} answers each for the median, {formatNumber(leastAnswers("p95_ms"))} for 95 %
        and {formatNumber(leastAnswers("p99_ms"))} for 99 %.
      </p>
    </Card>
  );
}
