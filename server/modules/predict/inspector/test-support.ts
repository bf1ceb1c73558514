import "server-only";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeField, encodeVarint } from "@/server/modules/predict/protobuf";

export function readDemoFile(slug: string, name = "model.onnx"): Buffer {
  return readFileSync(join(import.meta.dirname, "../../../../demo", slug, name));
}

export const message = (...fields: Uint8Array[]): Buffer => Buffer.concat(fields);
export const varint = (number: number, value: number): Buffer => message(encodeVarint(number * 8), encodeVarint(value));

export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;

/** TypeProto of a tensor; a text is a free dimension. */
export function tensorType(elementType: number, dims: (number | string)[]): Uint8Array {
  const shape = dims.map((dim) => encodeField(1, typeof dim === "number" ? varint(1, dim) : encodeField(2, dim)));
  return encodeField(1, message(varint(1, elementType), encodeField(2, message(...shape))));
}

export function valueInfo(name: string, type: Uint8Array): Buffer {
  return message(encodeField(1, name), encodeField(2, type));
}

interface Node {
  op: string;
  from: string[];
  to: string[];
  domain?: string;
  attributes?: Uint8Array[];
}

export function node({ op, from, to, domain, attributes = [] }: Node): Uint8Array {
  return encodeField(
    1,
    message(
      ...from.map((name) => encodeField(1, name)),
      ...to.map((name) => encodeField(2, name)),
      encodeField(4, op),
      ...attributes.map((attribute) => encodeField(5, attribute)),
      ...(domain === undefined ? [] : [encodeField(7, domain)]),
    ),
  );
}

/** A constant of whole numbers. */
export function int64s(name: string, dims: number[], values: number[]): Uint8Array {
  const packed = message(...values.map(encodeVarint));
  return encodeField(5, message(...dims.map((dim) => varint(1, dim)), varint(2, INT64), encodeField(7, packed), encodeField(8, name)));
}

export const opset = (version: number, domain = ""): Uint8Array => encodeField(8, message(encodeField(1, domain), varint(2, version)));

const rows = tensorType(FLOAT, ["N", 1]);

interface ModelParts {
  /** Fields of the graph: nodes, constants. */
  graph: Uint8Array[];
  input?: Uint8Array;
  output?: Uint8Array;
  opsets?: Uint8Array[];
  irVersion?: number;
  extra?: Uint8Array[];
}

/** A model with one input `x` and one output `y`, by default a float for each row. */
export function createModel({ graph, input = rows, output = rows, opsets = [opset(17)], irVersion = 8, extra = [] }: ModelParts): Buffer {
  const ends = [encodeField(2, "graph"), encodeField(11, valueInfo("x", input)), encodeField(12, valueInfo("y", output))];
  return message(varint(1, irVersion), encodeField(7, message(...graph, ...ends)), ...opsets, ...extra);
}

/** One that does nothing. */
export const identity = node({ op: "Identity", from: ["x"], to: ["y"] });

export const floats = (dims: (number | string)[]): Uint8Array => tensorType(FLOAT, dims);

/** One of the file's own notes about itself. */
export function metadata(name: string, value: string): Uint8Array {
  return encodeField(14, message(encodeField(1, name), encodeField(2, value)));
}

/** An attribute that holds a list of texts. */
export function stringsAttribute(name: string, values: string[]): Uint8Array {
  return message(encodeField(1, name), ...values.map((value) => encodeField(9, value)), varint(20, 8));
}

/** An attribute that holds a whole number. */
export function intAttribute(name: string, value: number): Uint8Array {
  return message(encodeField(1, name), varint(3, value), varint(20, 2));
}

/** An attribute that holds a list of whole numbers. */
export function intsAttribute(name: string, values: number[]): Uint8Array {
  return message(encodeField(1, name), ...values.map((value) => varint(8, value)), varint(20, 7));
}

/** An attribute that holds a list of figures. */
export function floatsAttribute(name: string, values: number[]): Uint8Array {
  return message(encodeField(1, name), encodeField(7, new Uint8Array(new Float32Array(values).buffer)), varint(20, 6));
}

/** An attribute that holds a graph. */
export function graphAttribute(name: string, graph: Uint8Array): Uint8Array {
  return message(encodeField(1, name), encodeField(6, graph), varint(20, 5));
}

/** The body of a Loop that hands its value on, through further nodes. */
export function loopBody(...nodes: Uint8Array[]): Uint8Array {
  const types = [tensorType(INT64, []), tensorType(BOOL, []), floats(["N", 1])] as const;
  const inputs = ["round", "go", "value"].map((name, index) => encodeField(11, valueInfo(name, types[index] ?? types[0])));
  const outputs = [encodeField(12, valueInfo("again", types[1])), encodeField(12, valueInfo("next", types[2]))];
  const ends = [["go", "again"], ["value", "next"]].map(([from = "", to = ""]) => node({ op: "Identity", from: [from], to: [to] }));
  return message(...nodes, ...ends, encodeField(2, "body"), ...inputs, ...outputs);
}
