import "server-only";
import type { Histogram } from "@/lib/contracts/catalog";
import type { ModelSchema, OutputField } from "@/lib/contracts/model-schema";
import type { Answer, PredictionOutput } from "@/lib/contracts/predict";

/** How answers of one output were spread. */
export interface Spread {
  rows: number;
  /** Of the values in `bins`, each rounded. */
  sum: number;
  /** By the place among the labels. */
  classes: Map<number, number>;
  /** By the place between the edges. */
  bins: Map<number, number>;
}

/** How one output is counted. */
export interface OutputPlan {
  output: string;
  labels: string[];
  places: Map<string, number>;
  /** The class whose probability is shown. */
  positive: string | null;
  edges: number[];
}

export function newSpread(): Spread {
  return { rows: 0, sum: 0, classes: new Map(), bins: new Map() };
}

/** Without cases from training: a probability in twentieths, a number by its size, of which nothing is known beforehand. */
const PROBABILITY_EDGES = Array.from({ length: 21 }, (_, index) => index / 20);
const SIZES = [0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const NUMBER_EDGES = [...SIZES.map((size) => -size).reverse(), 0, ...SIZES];

function planOutput(output: OutputField, reference: Histogram | undefined): OutputPlan[] {
  const { name, kind } = output;
  if (kind === "vector") return [];
  if (kind === "number") {
    return [{ output: name, labels: [], places: new Map(), positive: null, edges: reference?.edges ?? NUMBER_EDGES }];
  }
  const labels = output.classes.map(({ value }) => String(value));
  const positive = output.positiveClass === undefined ? null : String(output.positiveClass);
  const edges = positive === null ? [] : (reference?.edges ?? PROBABILITY_EDGES);
  return [{ output: name, labels, places: new Map(labels.map((label, place) => [label, place])), positive, edges }];
}

const plans = new WeakMap<ModelSchema, OutputPlan[]>();

/**
 * How the answers of a version are counted: how often each class, and a histogram of values or of the positive class' probability over the
 * edges of the cases from training. Lists of numbers have no such picture.
 * @param schema the same object for the same version, so that it is looked through once
 */
export function plansOf(schema: ModelSchema, reference: Record<string, Histogram>): readonly OutputPlan[] {
  let known = plans.get(schema);
  if (!known) plans.set(schema, (known = schema.outputs.flatMap((output) => planOutput(output, reference[output.name]))));
  return known;
}

/** The bin of a value: its lower edge belongs to it; the first and the last also take what lies outside. */
export function findBin(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length - 2];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (value >= (edges[middle] ?? Infinity)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function valueOf(answer: Answer, positive: string | null): number | null {
  if ("value" in answer) return answer.value;
  return positive !== null && "probabilities" in answer ? (answer.probabilities[positive] ?? null) : null;
}

function bump(counts: Map<number, number>, place: number): void {
  counts.set(place, (counts.get(place) ?? 0) + 1);
}

/** Three digits: a minute with a single answer has that answer as its sum, and none is to be kept. */
function roughly(value: number): number {
  return Number(value.toPrecision(3));
}

/** Counts the answers of one call for one output. */
export function countInto(spread: Spread, plan: OutputPlan, answers: readonly PredictionOutput[]): void {
  for (const row of answers) {
    const answer = row[plan.output];
    if (!answer) continue;
    spread.rows += 1;
    const place = "label" in answer ? plan.places.get(String(answer.label)) : undefined;
    if (place !== undefined) bump(spread.classes, place);
    const value = valueOf(answer, plan.positive);
    if (value === null || !Number.isFinite(value) || plan.edges.length < 2) continue;
    spread.sum += roughly(value);
    bump(spread.bins, findBin(plan.edges, value));
  }
}
