import "server-only";
import type { ModelSchema, OutputField } from "@/lib/contracts/model-schema";
import type { Answer, PredictionOutput } from "@/lib/contracts/predict";
import { classColumns } from "@/server/modules/predict/answers";

/** What a trainer wrote down for one row: by tensor name a value, a list in the order of the columns, or figures by class. */
export type KnownTensors = Record<string, unknown>;

export interface Tolerance {
  atol: number;
  rtol: number;
}

function toProbabilities(written: unknown, columns: (string | number)[]): Record<string, number> {
  const figures: [string, unknown][] = Array.isArray(written)
    ? columns.map((value, index): [string, unknown] => [String(value), written[index]])
    : Object.entries(typeof written === "object" && written !== null ? written : {});
  return Object.fromEntries(figures.map(([value, figure]) => [value, Number(figure)]));
}

function toAnswer(schema: ModelSchema, output: OutputField, known: KnownTensors): Answer {
  if (output.kind === "vector") {
    const values: unknown = known[output.tensor];
    return { values: Array.isArray(values) ? values.map(Number) : [] };
  }
  if (output.kind === "number") {
    const answer = { value: Number(known[output.tensor]), unit: output.unit ?? "" };
    if (!output.interval) return answer;
    const { low, high, coverage } = output.interval;
    return { ...answer, interval: { low: Number(known[low]), high: Number(known[high]), coverage } };
  }
  const probabilities = toProbabilities(known[output.probabilities], classColumns(schema, output));
  const best = Object.entries(probabilities).reduce((top, entry) => (entry[1] > top[1] ? entry : top), ["", -1]);
  const label = String(output.tensor === undefined ? best[0] : known[output.tensor]);
  return { label: output.classes.find((entry) => String(entry.value) === label)?.value ?? label, probabilities };
}

/** A trainer's own answers, by tensor, as the answers of a prediction. */
export function toKnownOutput(schema: ModelSchema, known: KnownTensors): PredictionOutput {
  return Object.fromEntries(schema.outputs.map((output) => [output.name, toAnswer(schema, output, known)]));
}

/** The first place where an answer is not the known one, as a path; null when all of it agrees within `atol + rtol * |known|`. */
export function findDisagreement(known: unknown, answer: unknown, tolerance: Tolerance, path = ""): string | null {
  if (typeof known === "number" && typeof answer === "number") {
    return Math.abs(answer - known) <= tolerance.atol + tolerance.rtol * Math.abs(known) ? null : path;
  }
  if (typeof known !== "object" || known === null || typeof answer !== "object" || answer === null) return known === answer ? null : path;
  const found = new Map(Object.entries(answer));
  for (const [name, value] of Object.entries(known)) {
    const disagreement = findDisagreement(value, found.get(name), tolerance, `${path}/${name}`);
    if (disagreement !== null) return disagreement;
  }
  return null;
}
