import "server-only";
import type { InputTensor, ModelSchema } from "@/lib/contracts/model-schema";
import type { Row } from "@/lib/contracts/predict";
import { unusable } from "@/server/modules/predict/answers";

type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** A tensor without the runtime's own class: flat data in row-major order. */
export interface TensorData {
  dtype: InputTensor["dtype"];
  dims: number[];
  data: NumberArray | BigInt64Array | string[];
}

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array } as const;
const WORD = 2 ** 32;

/** @returns how many values the rows have; what is beyond the end of the data is lost */
function fillNumbers(data: NumberArray, { fields, scale = 1 }: InputTensor, rows: Row[]): number {
  let at = 0;
  for (const row of rows) {
    for (const name of fields) {
      const value = row[name];
      if (!Array.isArray(value)) data[at++] = value === undefined ? Number.NaN : Number(value) * scale;
      else for (let index = 0; index < value.length; index++) data[at++] = (value[index] ?? Number.NaN) * scale;
    }
  }
  return at;
}

/** As `fillNumbers`. Without bigints: each number goes in as two words, the lower one first as on every machine the runtime is made for. */
function fillIntegers(data: BigInt64Array, { fields }: InputTensor, rows: Row[]): number {
  const words = new Int32Array(data.buffer);
  let at = 0;
  for (const row of rows) {
    for (const name of fields) {
      const given = row[name] ?? 0;
      for (const value of Array.isArray(given) ? given : [Number(given)]) {
        words[at++] = value;
        words[at++] = Math.floor(value / WORD);
      }
    }
  }
  return at / 2;
}

/** As `fillNumbers`. */
function fillTexts(data: string[], { fields }: InputTensor, rows: Row[]): number {
  let at = 0;
  for (const row of rows) for (const name of fields) data[at++] = String(row[name] ?? "");
  return at;
}

function createData(dtype: InputTensor["dtype"], size: number): TensorData["data"] {
  if (dtype === "string") return [];
  return dtype === "int64" ? new BigInt64Array(size) : new arrays[dtype](size);
}

function fill(data: TensorData["data"], tensor: InputTensor, rows: Row[]): number {
  if (Array.isArray(data)) return fillTexts(data, tensor, rows);
  return data instanceof BigInt64Array ? fillIntegers(data, tensor, rows) : fillNumbers(data, tensor, rows);
}

function fillTensor(tensor: InputTensor, rows: Row[]): TensorData {
  const dims = tensor.shape.map((size) => (size === "N" ? rows.length : size));
  const size = dims.reduce((product, dim) => product * dim, 1);
  const data = createData(tensor.dtype, size);
  if (fill(data, tensor, rows) !== size) throw unusable(`The rows do not fill the tensor ${tensor.name}.`);
  return { dtype: tensor.dtype, dims, data };
}

/**
 * The tensors for a batch of checked rows, by tensor name. Numbers left out are NaN, texts left out are empty.
 * @throws {DomainError} `model_unavailable`, when rows and schema do not fit, which a check of both makes impossible
 */
export function buildFeeds(schema: ModelSchema, rows: Row[]): Record<string, TensorData> {
  const feeds: Record<string, TensorData> = {};
  for (const tensor of schema.tensors.inputs) feeds[tensor.name] = fillTensor(tensor, rows);
  return feeds;
}
