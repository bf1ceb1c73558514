import { Card } from "@/components/ui/card";
import { type Histogram, spanOf, type Step, toSteps } from "@/lib/answer-shape";
import type { AnswerSpread, ArmTraffic } from "@/lib/contracts/traffic.admin";
import { formatNumber, formatPercent } from "@/lib/format";

const WIDTH = 360;
const HEIGHT = 120;
const LEFT = 40;
const BOTTOM = 18;
const TOP = 8;

interface Scale {
  x: (value: number) => number;
  y: (height: number) => number;
}

function drawSteps(steps: readonly Step[], { x, y }: Scale): string {
  const draw = ({ from, to, height }: Step) => `${x(from).toFixed(1)} ${y(height).toFixed(1)}H${x(to).toFixed(1)}`;
  return steps.map((step, index) => `${index === 0 ? "M" : "L"}${draw(step)}`).join("");
}

interface ShapesProps {
  live: Histogram;
  candidate: Histogram;
  names: [string, string];
  label: string;
}

function Shapes({ live, candidate, names, label }: ShapesProps) {
  const span = spanOf([live, candidate]);
  const [before, after] = [toSteps(live, span), toSteps(candidate, span)];
  const top = Math.max(0.001, ...[...before, ...after].map(({ height }) => height));
  const x = (value: number) => LEFT + ((value - span.low) / (span.high - span.low || 1)) * (WIDTH - LEFT - 8);
  const y = (height: number) => TOP + (1 - height / top) * (HEIGHT - TOP - BOTTOM);
  const scale = { x, y };
  const line = drawSteps(after, scale);
  const sentence = `${label}: how the answers of ${names[0]} and ${names[1]} are spread`;
  const digits = span.high - span.low >= 10 ? 0 : 2;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" role="img" aria-label={sentence} className="shape">
      {[0, top / 2, top].map((height) => (
        <g key={height}>
          <path d={`M${LEFT} ${y(height)}H${WIDTH - 8}`} className={height === 0 ? "shape-base" : "shape-grid"} />
          <text x={LEFT - 6} y={y(height) + 4} textAnchor="end">
            {formatNumber(height * 100, top < 0.05 ? 1 : 0)} %
          </text>
        </g>
      ))}
      {[span.low, (span.low + span.high) / 2, span.high].map((value, index) => (
        <text key={value} x={x(value)} y={HEIGHT - 2} textAnchor={index === 0 ? "start" : index === 1 ? "middle" : "end"}>
          {formatNumber(value, digits)}
        </text>
      ))}
      {after.length > 0 && <path d={`${line}V${y(0)}H${x(after[0]?.from ?? 0)}z`} className="shape-fill" />}
      <path d={line} className="shape-after" />
      <path d={drawSteps(before, scale)} className="shape-before" />
    </svg>
  );
}

function shareOf(spread: AnswerSpread, label: string): number {
  const count = spread.classes?.find((entry) => entry.label === label)?.count ?? 0;
  return spread.rows === 0 ? 0 : count / spread.rows;
}

function Classes({ live, candidate, names }: { live: AnswerSpread; candidate: AnswerSpread; names: [string, string] }) {
  return (
    <ul className="class-pairs">
      {(candidate.classes ?? []).map(({ label }) => {
        const [before, after] = [shareOf(live, label), shareOf(candidate, label)];
        return (
          <li key={label}>
            <span>{label}</span>
            <span className="class-tracks" aria-hidden="true">
              <i data-arm="live" style={{ width: `${before * 100}%` }} />
              <i data-arm="candidate" style={{ width: `${after * 100}%` }} />
            </span>
            <span className="tabular text-ink-2">
              <span className="sr-only">{names[0]} </span>
              {formatPercent(before)} %<span className="sr-only">, {names[1]}</span>{" "}
              <b className="font-[550] text-ink">{formatPercent(after)} %</b>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

interface AnswersChartProps {
  live: ArmTraffic;
  candidate: ArmTraffic;
  outputs: readonly { name: string; label: string }[];
}

function Legend({ names }: { names: [string, string] }) {
  return (
    <span className="flex flex-wrap gap-3">
      <span className="shape-key" data-arm="live">
        {names[0]}
      </span>
      <span className="shape-key" data-arm="candidate">
        {names[1]}
      </span>
    </span>
  );
}

/** How the answers of both arms are spread, a picture for each output. */
export function AnswersChart({ live, candidate, outputs }: AnswersChartProps) {
  const names: [string, string] = [`version ${live.version}`, `version ${candidate.version}`];
  const spreads = outputs.map(({ name, label }) => ({
    label,
    before: live.outputs.find(({ output }) => output === name),
    after: candidate.outputs.find(({ output }) => output === name),
  }));
  const drawn = spreads.filter(({ before, after }) => before && after);
  return (
    <Card title="Answers given" aside={<Legend names={names} />}>
      {drawn.length === 0 && <p className="text-ink-2">Both versions must have answered before their answers can be compared.</p>}
      <div className="grid gap-5">
        {drawn.map(({ label, before, after }) => (
          <figure key={label} className="grid gap-2">
            <figcaption className="help">{label}: share of the answers</figcaption>
            {before?.histogram && after?.histogram ? (
              <Shapes live={before.histogram} candidate={after.histogram} names={names} label={label} />
            ) : (
              before && after && <Classes live={before} candidate={after} names={names} />
            )}
          </figure>
        ))}
      </div>
    </Card>
  );
}
