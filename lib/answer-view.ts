/** An answer as it is drawn: the figure, its place on a scale or its bars, and what changed since the one before. */
import type { Histogram } from "@/lib/contracts/catalog";
import type { ClassOutput, NumberOutput, OutputField } from "@/lib/contracts/model-schema";
import type { Answer, ClassAnswer, NumberAnswer, VectorAnswer } from "@/lib/contracts/predict";
import { formatNumber, formatPercent, formatTick, formatValue } from "@/lib/format";

export interface Scale {
  min: number;
  max: number;
  ticks: { at: number; text: string }[];
}

export interface RulerView {
  scale: Scale;
  value: number;
  /** The value in words, as it stands beside the marker. */
  text: string;
  band: { low: number; high: number } | undefined;
  known: Histogram | undefined;
  threshold: number | undefined;
}

export interface Bar {
  label: string;
  /** Length, 0 to 1. */
  share: number;
  text: string;
  best: boolean;
}

export interface AnswerView {
  title: string;
  figure: string;
  suffix: string;
  /** What the figure is a share of: the class it speaks for. */
  of: string;
  /** A word or a range that belongs to the figure: the class, the interval. */
  verdict: string;
  /** A sentence under the picture, e.g. what the shaded range means. */
  note: string;
  ruler: RulerView | undefined;
  bars: Bar[];
  /** What the change is measured on, and how a difference is written. */
  measure: { value: number; key: string; kind: "points" | "value"; format: NumberOutput["format"]; unit: string };
}

const percentScale: Scale = { min: 0, max: 100, ticks: [0, 25, 50, 75, 100].map((at) => ({ at, text: at === 100 ? "100 %" : String(at) })) };

function classLabel(output: ClassOutput, value: string | number): string {
  return output.classes.find((entry) => String(entry.value) === String(value))?.label ?? String(value);
}

function classBars(output: ClassOutput, answer: ClassAnswer): Bar[] {
  return output.classes.map((entry) => {
    const share = answer.probabilities[String(entry.value)] ?? 0;
    return { label: entry.label, share, text: `${formatPercent(share)} %`, best: String(entry.value) === String(answer.label) };
  });
}

function viewClass(output: ClassOutput, answer: ClassAnswer, known: Histogram | undefined): AnswerView {
  const bars = classBars(output, answer);
  const label = classLabel(output, answer.label);
  const positive = output.positiveClass;
  const key = String(positive ?? answer.label);
  const share = answer.probabilities[key] ?? 0;
  const text = `${formatPercent(share)} %`;
  const measure = { value: share * 100, key, kind: "points", format: undefined, unit: "" } as const;
  if (positive === undefined) return { title: output.label, figure: label, suffix: "", of: "", verdict: `${text} sure`, note: "", ruler: undefined, bars, measure };
  const inPercent = known && { counts: known.counts, edges: known.edges.map((edge) => edge * 100) };
  const threshold = output.threshold === undefined ? undefined : output.threshold * 100;
  const of = classLabel(output, positive);
  const ruler = { scale: percentScale, value: share * 100, text: `${of} ${text}`, band: undefined, known: inPercent, threshold };
  return { title: output.label, figure: formatPercent(share), suffix: "%", of, verdict: label, note: "", ruler, bars, measure };
}

/** Four to six round steps that cover everything shown. */
function roundScale(values: number[], format: NumberOutput["format"]): Scale {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const rough = (high - low || Math.abs(high) || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const min = low >= 0 && low < step ? 0 : Math.floor(low / step) * step;
  const max = Math.max(Math.ceil(high / step) * step, min + step);
  const count = Math.round((max - min) / step);
  const ticks = Array.from({ length: count + 1 }, (_unused, index) => min + index * step);
  return { min, max, ticks: ticks.map((at) => ({ at, text: formatTick(at, format) })) };
}

function viewNumber(output: NumberOutput, answer: NumberAnswer, known: Histogram | undefined): AnswerView {
  const say = (value: number) => formatValue(value, output.format, output.format?.style === "currency" ? "" : answer.unit);
  const { interval, value } = answer;
  const ends = known ? [known.edges[0] ?? value, known.edges.at(-1) ?? value] : [];
  const scale = roundScale([value, ...ends, ...(interval ? [interval.low, interval.high] : [])], output.format);
  const verdict = interval ? `${say(interval.low)} to ${say(interval.high)}` : "";
  const note = interval ? (output.interval?.label ?? `${formatNumber(interval.coverage * 10, 1)} in 10 fall in this range`) : "";
  const ruler = { scale, value, text: say(value), band: interval, known, threshold: undefined };
  const measure = { value, key: output.name, kind: "value", format: output.format, unit: answer.unit } as const;
  return { title: output.label, figure: say(value), suffix: "", of: "", verdict, note, ruler, bars: [], measure };
}

function viewVector(title: string, answer: VectorAnswer): AnswerView {
  const best = answer.values.indexOf(Math.max(...answer.values));
  const largest = Math.max(...answer.values.map(Math.abs), Number.MIN_VALUE);
  const bars = answer.values.map((value, index) => ({
    label: answer.labels?.[index] ?? String(index),
    share: Math.abs(value) / largest,
    text: formatNumber(value, 4),
    best: index === best,
  }));
  const measure = { value: answer.values[best] ?? 0, key: String(best), kind: "value", format: undefined, unit: "" } as const;
  return { title, figure: bars[best]?.label ?? "", suffix: "", of: "", verdict: bars[best]?.text ?? "", note: "", ruler: undefined, bars, measure };
}

/**
 * How to draw one answer.
 * @param known counts of known cases: probabilities of the positive class from 0 to 1, or values
 */
export function viewAnswer(output: OutputField, answer: Answer, known?: Histogram): AnswerView | null {
  if (output.kind === "class" && "probabilities" in answer) return viewClass(output, answer, known);
  if (output.kind === "number" && "value" in answer) return viewNumber(output, answer, known);
  if (output.kind === "vector" && "values" in answer) return viewVector(output.label, answer);
  return null;
}

export interface Change {
  way: "up" | "down" | "same";
  /** The difference with its sign. */
  amount: string;
  /** What the amount counts, e.g. "points". */
  unit: string;
}

/** What changed from one answer to the next; null when they measure different things (another class came out on top). */
export function describeChange(now: AnswerView, before: AnswerView): Change | null {
  if (now.measure.key !== before.measure.key) return null;
  const difference = now.measure.value - before.measure.value;
  const points = now.measure.kind === "points";
  const sign = difference < 0 ? "\u2212" : "+";
  const size = Math.abs(difference);
  const amount = points ? size.toFixed(1) : formatValue(size, now.measure.format);
  if (size === 0 || Number(amount.replace(/[^0-9.]/g, "")) === 0) return { way: "same", amount: "No change", unit: "" };
  const unit = points ? "points" : now.measure.format?.style === "currency" ? "" : now.measure.unit;
  return { way: difference < 0 ? "down" : "up", amount: `${sign}${amount}`, unit };
}
