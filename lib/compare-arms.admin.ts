/**
 * Two versions side by side, as rows of a table: figures on held-out cases, then what live calls showed. A verdict is given only where
 * the difference is more than chance or more than the measuring can blur.
 */
import type { ConsoleVersion } from "@/lib/contracts/releases.admin";
import type { AnswerSpread, ArmTraffic } from "@/lib/contracts/traffic.admin";
import { formatMilliseconds, formatNumber, formatPercent } from "@/lib/format";
import { knownMetrics } from "@/lib/known-metrics";
import { differInMean, differInShare, type Proportion } from "@/lib/statistics";

/** `same` is no difference that could be told from chance; `few` means that there are too few calls to say. */
export type Verdict = "better" | "worse" | "faster" | "slower" | "higher" | "lower" | "other" | "same" | "few";

export interface ComparedRow {
  name: string;
  live: string;
  candidate: string;
  difference: string;
  /** null where a row only counts. */
  verdict: Verdict | null;
}

/** Percentiles are within 10 % of the true ones, so two equal arms may look up to a fifth apart. */
const BLUR = 1.2;
/** A difference below this is nobody's business however large it is in per cent. */
const LEAST_MS = 1;
/** A percentile is given a verdict where at least so many calls were slower than it: with fewer it is the word of a handful. */
const LEAST_BEYOND = 10;
/** How many calls in a thousand are slower than each percentile; whole numbers, so that what follows from them is exact. */
const SLOWER_PER_MILLE = { p50_ms: 500, p95_ms: 50, p99_ms: 10 } as const;

/** How many answers a percentile needs of each arm before it is given a verdict: 20 for the median, 200 for p95, 1,000 for p99. */
export function leastAnswers(percentile: keyof typeof SLOWER_PER_MILLE): number {
  return (LEAST_BEYOND * 1_000) / SLOWER_PER_MILLE[percentile];
}

const MINUS = "−";
const signed = (value: number, text: string) => `${value > 0 ? "+" : value < 0 ? MINUS : ""}${text}`;
const roundTo = (value: number, digits: number) => Number(value.toFixed(digits));

/** Figures that both versions came with. They are compared as they are: nobody kept which cases each got right. */
export function compareHeldOut(live: ConsoleVersion, candidate: ConsoleVersion): ComparedRow[] {
  return knownMetrics.flatMap(({ name, words, digits, good }): ComparedRow[] => {
    const [before, after] = [live.metrics[name], candidate.metrics[name]];
    if (typeof before !== "number" || typeof after !== "number") return [];
    const gain = roundTo(after, digits) - roundTo(before, digits);
    const isGood = good === "high" ? gain > 0 : gain < 0;
    const verdict = gain === 0 ? "same" : isGood ? "better" : "worse";
    const difference = signed(gain, formatNumber(Math.abs(gain), digits));
    const figures = { live: formatNumber(before, digits), candidate: formatNumber(after, digits) };
    return [{ name: words, ...figures, difference, verdict: good && verdict }];
  });
}

function compareShare(name: string, key: "failed" | "refused", live: ArmTraffic, candidate: ArmTraffic): ComparedRow {
  const shareOf = (arm: ArmTraffic) => (arm.calls === 0 ? 0 : arm[key] / arm.calls);
  const say = (arm: ArmTraffic) => (arm.calls === 0 ? "" : `${formatPercent(shareOf(arm))} %`);
  const gain = shareOf(candidate) - shareOf(live);
  const differs = differInShare({ hits: live[key], of: live.calls }, { hits: candidate[key], of: candidate.calls });
  const hasCalls = live.calls > 0 && candidate.calls > 0;
  const verdict = !hasCalls ? "few" : !differs ? "same" : gain > 0 ? "worse" : "better";
  const points = formatNumber(Math.abs(gain) * 100, 2);
  return { name, live: say(live), candidate: say(candidate), difference: hasCalls ? `${signed(gain, points)} points` : "", verdict };
}

function compareTime(name: string, key: keyof typeof SLOWER_PER_MILLE, live: ArmTraffic, candidate: ArmTraffic): ComparedRow {
  const [before, after] = [live[key], candidate[key]];
  const say = (value: number | null) => (value === null ? "" : formatMilliseconds(value));
  const row = { name, live: say(before), candidate: say(after) };
  const isMany = Math.min(live.answered, candidate.answered) >= leastAnswers(key);
  if (before === null || after === null || !isMany) return { ...row, difference: "", verdict: "few" };
  const gain = after - before;
  const matters = Math.abs(gain) >= LEAST_MS && Math.max(before, after) > Math.min(before, after) * BLUR;
  const verdict = !matters ? "same" : gain > 0 ? "slower" : "faster";
  const size = formatMilliseconds(Math.abs(gain));
  return { ...row, difference: Math.abs(gain) < 0.1 ? size : signed(gain, size), verdict };
}

function compareMean(label: string, live: AnswerSpread, candidate: AnswerSpread): ComparedRow[] {
  if (!live.histogram || !candidate.histogram || live.mean === null || candidate.mean === null) return [];
  const gain = candidate.mean - live.mean;
  const verdict = !differInMean(live.histogram, candidate.histogram) ? "same" : gain > 0 ? "higher" : "lower";
  const digits = Math.abs(live.mean) < 10 ? 3 : 1;
  const difference = signed(gain, formatNumber(Math.abs(gain), digits));
  const figures = { live: formatNumber(live.mean, digits), candidate: formatNumber(candidate.mean, digits) };
  return [{ name: `${label}, on average`, ...figures, difference, verdict }];
}

const shareOf = ({ hits, of }: Proportion) => (of === 0 ? 0 : hits / of);

/** Each class by its share of the answers: other than before is neither good nor bad. */
function compareClasses(label: string, live: AnswerSpread, candidate: AnswerSpread): ComparedRow[] {
  if (!live.classes || !candidate.classes || live.histogram) return [];
  const counts = new Map(candidate.classes.map((entry) => [entry.label, entry.count]));
  return live.classes.map((entry): ComparedRow => {
    const [one, other] = [{ hits: entry.count, of: live.rows }, { hits: counts.get(entry.label) ?? 0, of: candidate.rows }];
    const gain = shareOf(other) - shareOf(one);
    const difference = `${signed(gain, formatNumber(Math.abs(gain) * 100, 1))} points`;
    const say = (share: Proportion) => `${formatPercent(shareOf(share))} %`;
    const verdict = differInShare(one, other) ? "other" : "same";
    return { name: `${label}: ${entry.label}`, live: say(one), candidate: say(other), difference, verdict };
  });
}

/** What live calls showed of both arms, from the same span of time. @param outputs what each output is called */
export function compareTraffic(live: ArmTraffic, candidate: ArmTraffic, outputs: ConsoleVersion["outputs"]): ComparedRow[] {
  const all = live.calls + candidate.calls;
  const share = all === 0 ? "" : `${formatPercent(candidate.calls / all)} % of calls`;
  const answers = outputs.flatMap(({ name, label }) => {
    const [one, other] = [live, candidate].map((arm) => arm.outputs.find(({ output }) => output === name));
    return one && other ? [...compareMean(label, one, other), ...compareClasses(label, one, other)] : [];
  });
  return [
    { name: "Calls", live: formatNumber(live.calls), candidate: formatNumber(candidate.calls), difference: share, verdict: null },
    compareShare("Failed on our side", "failed", live, candidate),
    compareShare("Refused", "refused", live, candidate),
    compareTime("Median time", "p50_ms", live, candidate),
    compareTime("95 % are faster than", "p95_ms", live, candidate),
    compareTime("99 % are faster than", "p99_ms", live, candidate),
    ...answers,
  ];
}

/** `3 better, 1 slower, 2 no difference`, in the order of what matters; nothing without verdicts. */
export function countVerdicts(rows: readonly ComparedRow[]): string {
  const words: [Verdict, string][] = [
    ["better", "better"], ["worse", "worse"], ["faster", "faster"], ["slower", "slower"], ["higher", "higher"], ["lower", "lower"],
    ["other", "other"], ["same", "no difference"],
  ];
  const counted = words.map(([verdict, word]) => [rows.filter((row) => row.verdict === verdict).length, word] as const);
  return counted.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(", ");
}
