import "server-only";
import type { ClassOutput, ModelSchema, NumberOutput, OutputField, VectorOutput } from "@/lib/contracts/model-schema";
import type { Answer, PredictionOutput } from "@/lib/contracts/predict";
import { DomainError } from "@/server/core/errors";

/** What a run gave for one output, as the runtime returns it. */
export interface OutputData {
  dims: readonly number[];
  data: ArrayLike<unknown>;
}

/** The model ran, and what it gave for some rows is not a finite number: to run them again would change nothing. */
export class UnansweredRows extends DomainError {
  /** @param rows the places of the rows in the run, ascending */
  constructor(
    readonly rows: readonly number[],
    cause: unknown,
  ) {
    super("model_unavailable", "The model gave no usable answer.", { cause });
  }
}

/** The tensors of a run, by name; the first dimension of each is the row. */
export type Tensors = ReadonlyMap<string, OutputData>;

/** What the model gave cannot be told to anybody; the reason goes to the log. */
export function unusable(reason: string): DomainError {
  return new DomainError("model_unavailable", "The model gave no usable answer.", { cause: new Error(reason) });
}

/** The class values in the order of the columns of the probabilities. */
export function classColumns(schema: ModelSchema, output: ClassOutput): (string | number)[] {
  const tensor = schema.tensors.outputs.find((candidate) => candidate.name === output.probabilities);
  return tensor?.keys ?? output.classes.map((entry) => entry.value);
}

/** The answer for one row of a run. */
type ReadRow = (index: number) => Answer;
/** Looks up what it needs of a run once for all its rows. */
type OpenRun = (tensors: Tensors, rows: number) => ReadRow;

interface Values {
  name: string;
  data: ArrayLike<unknown>;
  /** How many there are for each row. */
  width: number;
}

function findValues(tensors: Tensors, rows: number, name: string, width?: number): Values {
  const data = tensors.get(name)?.data;
  const found = data ? data.length / rows : 0;
  if (!data || !Number.isInteger(found) || found === 0 || (width !== undefined && found !== width)) {
    throw unusable(`Output ${name} does not have the size that the schema says.`);
  }
  return { name, data, width: found };
}

class NotFinite extends Error {}

/** @returns a finite number; int64 comes as bigint from the runtime @throws {NotFinite} */
function numberAt({ data, name }: Values, place: number): number {
  const value = data[place];
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new NotFinite(`Output ${name} holds something that is not a finite number.`);
}

function indexOfLargest(values: Values, from: number): number {
  let best = 0;
  for (let column = 1; column < values.width; column++) {
    if (numberAt(values, from + column) > numberAt(values, from + best)) best = column;
  }
  return best;
}

function prepareClass(schema: ModelSchema, output: ClassOutput): OpenRun {
  const columns = classColumns(schema, output).map(String);
  const named = new Map(output.classes.toReversed().map(({ value }) => [String(value), value]));
  const empty = Object.fromEntries(columns.map((column) => [column, 0]));
  return (tensors, rows) => {
    const values = findValues(tensors, rows, output.probabilities, columns.length);
    const labels = output.tensor === undefined ? null : findValues(tensors, rows, output.tensor, 1);
    return (index) => {
      const from = index * columns.length;
      const probabilities = { ...empty };
      for (let column = 0; column < columns.length; column++) probabilities[columns[column] ?? ""] = numberAt(values, from + column);
      const given = labels ? labels.data[index] : columns[indexOfLargest(values, from)];
      const label = named.get(String(given));
      if (label === undefined) throw unusable(`Output ${output.name} named a class that the schema does not have.`);
      return { label, probabilities };
    };
  };
}

function prepareNumber({ tensor, unit = "", interval }: NumberOutput): OpenRun {
  return (tensors, rows) => {
    const values = findValues(tensors, rows, tensor, 1);
    if (!interval) return (index) => ({ value: numberAt(values, index), unit });
    const { coverage } = interval;
    const [lows, highs] = [findValues(tensors, rows, interval.low, 1), findValues(tensors, rows, interval.high, 1)];
    return (index) => {
      const value = numberAt(values, index);
      return { value, unit, interval: { low: numberAt(lows, index), high: numberAt(highs, index), coverage } };
    };
  };
}

function prepareVector({ tensor, labels }: VectorOutput): OpenRun {
  return (tensors, rows) => {
    const found = findValues(tensors, rows, tensor, labels?.length);
    return (index) => {
      const values: number[] = [];
      for (let column = 0; column < found.width; column++) values.push(numberAt(found, index * found.width + column));
      return labels ? { values, labels } : { values };
    };
  };
}

function prepareOutput(schema: ModelSchema, output: OutputField): OpenRun {
  if (output.kind === "class") return prepareClass(schema, output);
  return output.kind === "number" ? prepareNumber(output) : prepareVector(output);
}

function tensorsOf(field: OutputField): string[] {
  if (field.kind === "class") return field.tensor === undefined ? [field.probabilities] : [field.tensor, field.probabilities];
  if (field.kind === "number" && field.interval) return [field.tensor, field.interval.low, field.interval.high];
  return [field.tensor];
}

interface Prepared {
  needed: string[];
  outputs: { name: string; open: OpenRun }[];
}

const preparedSchemas = new WeakMap<ModelSchema, Prepared>();

function prepareOnce(schema: ModelSchema): Prepared {
  const known = preparedSchemas.get(schema);
  if (known) return known;
  const prepared = {
    needed: [...new Set(schema.outputs.flatMap(tensorsOf))],
    outputs: schema.outputs.map((output) => ({ name: output.name, open: prepareOutput(schema, output) })),
  };
  preparedSchemas.set(schema, prepared);
  return prepared;
}

/** The names of the output tensors that the answers are made from. */
export function neededOutputs(schema: ModelSchema): string[] {
  return prepareOnce(schema).needed;
}

/**
 * The answers of a run, one for each row, keyed by the schema's output names.
 * @throws {UnansweredRows} when the outputs of some rows are not finite
 * @throws {DomainError} `model_unavailable`, when an output is not what the schema says
 */
export function readAnswers(schema: ModelSchema, tensors: Tensors, rows: number): PredictionOutput[] {
  const answers: PredictionOutput[] = [];
  if (rows === 0) return answers;
  const readers = prepareOnce(schema).outputs.map(({ name, open }) => ({ name, read: open(tensors, rows) }));
  const unanswered: { row: number; error: NotFinite }[] = [];
  for (let row = 0; row < rows; row++) {
    const answer: PredictionOutput = {};
    try {
      for (const { name, read } of readers) answer[name] = read(row);
      answers.push(answer);
    } catch (error) {
      if (!(error instanceof NotFinite)) throw error;
      unanswered.push({ row, error });
    }
  }
  const [first] = unanswered;
  if (!first) return answers;
  throw new UnansweredRows(
    unanswered.map(({ row }) => row),
    first.error,
  );
}
