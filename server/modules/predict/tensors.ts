import "server-only";
import type { ClassOutput, InputTensor, ModelSchema, NumberOutput, OutputField, VectorOutput } from "@/lib/contracts/model-schema";
import type { Answer, ClassAnswer, NumberAnswer, PredictionOutput, Row, VectorAnswer } from "@/lib/contracts/predict";
import { DomainError } from "@/server/core/errors";

type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** A tensor without the runtime's own class: flat data in row-major order. */
export interface TensorData {
  dtype: InputTensor["dtype"];
  dims: number[];
  data: NumberArray | BigInt64Array | string[];
}

/** What a run gave for one output, as the runtime returns it. */
export interface OutputData {
  dims: readonly number[];
  data: ArrayLike<unknown>;
}

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array } as const;

function unusable(reason: string): DomainError {
  return new DomainError("model_unavailable", "The model gave no usable answer.", { cause: new Error(reason) });
}

type FeedValue = number | string | undefined;

/** The values of all rows in the tensor's order; one that may be left out and was is `undefined`. Loops, because images are long. */
function collectValues(tensor: InputTensor, rows: Row[]): FeedValue[] {
  const values: FeedValue[] = [];
  for (const row of rows) {
    for (const name of tensor.fields) {
      const value = row[name];
      if (!Array.isArray(value)) values.push(value);
      else for (const pixel of value) values.push(pixel);
    }
  }
  return values;
}

function toNumbers(dtype: keyof typeof arrays, values: FeedValue[], scale: number): NumberArray {
  const data = new arrays[dtype](values.length);
  values.forEach((value, index) => {
    data[index] = value === undefined ? Number.NaN : Number(value) * scale;
  });
  return data;
}

function fillTensor(tensor: InputTensor, rows: Row[]): TensorData {
  const dims = tensor.shape.map((size) => (size === "N" ? rows.length : size));
  const values = collectValues(tensor, rows);
  const { dtype, scale = 1 } = tensor;
  if (values.length !== dims.reduce((size, dim) => size * dim, 1)) throw unusable(`The rows do not fill the tensor ${tensor.name}.`);
  if (dtype === "string") return { dtype, dims, data: values.map((value) => String(value ?? "")) };
  if (dtype === "int64") return { dtype, dims, data: BigInt64Array.from(values, (value) => BigInt(value ?? 0)) };
  return { dtype, dims, data: toNumbers(dtype, values, scale) };
}

/**
 * The tensors for a batch of checked rows, by tensor name. Numbers left out are NaN, texts left out are empty.
 * @throws {DomainError} `model_unavailable`, when rows and schema do not fit, which a check of both makes impossible
 */
export function buildFeeds(schema: ModelSchema, rows: Row[]): Record<string, TensorData> {
  return Object.fromEntries(schema.tensors.inputs.map((tensor) => [tensor.name, fillTensor(tensor, rows)]));
}

function tensorsOf(field: OutputField): string[] {
  if (field.kind === "class") return field.tensor === undefined ? [field.probabilities] : [field.tensor, field.probabilities];
  if (field.kind === "number" && field.interval) return [field.tensor, field.interval.low, field.interval.high];
  return [field.tensor];
}

/** The names of the output tensors that the answers are made from. */
export function neededOutputs(schema: ModelSchema): string[] {
  return [...new Set(schema.outputs.flatMap(tensorsOf))];
}

/** The class values in the order of the columns of the probabilities. */
export function classColumns(schema: ModelSchema, output: ClassOutput): (string | number)[] {
  const tensor = schema.tensors.outputs.find((candidate) => candidate.name === output.probabilities);
  return tensor?.keys ?? output.classes.map((entry) => entry.value);
}

class Outputs {
  readonly #tensors: ReadonlyMap<string, OutputData>;
  readonly #rows: number;

  constructor(tensors: ReadonlyMap<string, OutputData>, rows: number) {
    this.#tensors = tensors;
    this.#rows = rows;
  }

  /** What one row has in a tensor; int64 comes as bigint from the runtime. */
  row(name: string, index: number, width?: number): unknown[] {
    const data = this.#tensors.get(name)?.data;
    const found = data ? data.length / this.#rows : 0;
    if (!data || !Number.isInteger(found) || found === 0 || (width !== undefined && found !== width)) {
      throw unusable(`Output ${name} does not have the size that the schema says.`);
    }
    return Array.from({ length: found }, (_unused, column) => {
      const value = data[index * found + column];
      return typeof value === "bigint" ? Number(value) : value;
    });
  }

  numbers(name: string, index: number, width?: number): number[] {
    return this.row(name, index, width).map((value) => {
      if (typeof value === "number" && Number.isFinite(value)) return value;
      throw unusable(`Output ${name} holds something that is not a finite number.`);
    });
  }

  number(name: string, index: number): number {
    return this.numbers(name, index, 1)[0] ?? 0;
  }
}

function readClass(schema: ModelSchema, output: ClassOutput, outputs: Outputs, index: number): ClassAnswer {
  const columns = classColumns(schema, output);
  const values = outputs.numbers(output.probabilities, index, columns.length);
  const given = output.tensor === undefined ? columns[values.indexOf(Math.max(...values))] : outputs.row(output.tensor, index, 1)[0];
  const named = output.classes.find((entry) => String(entry.value) === String(given));
  if (!named) throw unusable(`Output ${output.name} named a class that the schema does not have.`);
  return { label: named.value, probabilities: Object.fromEntries(columns.map((value, column) => [String(value), values[column] ?? 0])) };
}

function readNumber(output: NumberOutput, outputs: Outputs, index: number): NumberAnswer {
  const answer: NumberAnswer = { value: outputs.number(output.tensor, index), unit: output.unit ?? "" };
  if (!output.interval) return answer;
  const { low, high, coverage } = output.interval;
  return { ...answer, interval: { low: outputs.number(low, index), high: outputs.number(high, index), coverage } };
}

function readVector(output: VectorOutput, outputs: Outputs, index: number): VectorAnswer {
  const values = outputs.numbers(output.tensor, index, output.labels?.length);
  return output.labels ? { values, labels: output.labels } : { values };
}

function readAnswer(schema: ModelSchema, output: OutputField, outputs: Outputs, index: number): Answer {
  if (output.kind === "class") return readClass(schema, output, outputs, index);
  if (output.kind === "number") return readNumber(output, outputs, index);
  return readVector(output, outputs, index);
}

/**
 * The answers of a run, one for each row, keyed by the schema's output names.
 * @param tensors what the runtime gave, by tensor name; the first dimension of each is the row
 * @throws {DomainError} `model_unavailable`, when an output is not what the schema says, or not finite
 */
export function readAnswers(schema: ModelSchema, tensors: ReadonlyMap<string, OutputData>, rows: number): PredictionOutput[] {
  const outputs = new Outputs(tensors, rows);
  return Array.from({ length: rows }, (_unused, index) =>
    Object.fromEntries(schema.outputs.map((output) => [output.name, readAnswer(schema, output, outputs, index)])),
  );
}
