import "server-only";
import { DomainError } from "@/server/core/errors";
import {
  encodeField,
  encodeVarint,
  findField,
  readFields,
  readPacked,
  readText,
  WireError,
  type WireField,
} from "@/server/modules/predict/protobuf";

/** Larger files are refused before they are read. */
export const MAX_FILE_BYTES = 200 * 1024 * 1024;
/** A model has about ten fields, a graph one for each of its nodes and constants: more are no model, and would take all memory. */
const MOST_FIELDS = { model: 100_000, graph: 2_000_000 } as const;
/** How deep graphs may lie within each other. */
const MAX_DEPTH = 32;

/** Field numbers of the messages in onnx.proto (ONNX 1.19, IR version 12). */
const MODEL = { irVersion: 1, graph: 7, opsets: 8, training: 20, functions: 25 } as const;
const NODE = { input: 1, output: 2, opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, ints: 8, strings: 9 } as const;
const VALUE = { name: 1, type: 2 } as const;
const GRAPH = { node: 1, output: 12 } as const;
const OPSET = { domain: 1, version: 2 } as const;

/** The opset whose Identity is used when a file names no standard opset at all. */
const FALLBACK_OPSET = 13;
/** TypeProto { tensor_type (1): { elem_type (1): FLOAT (1) } }, without a shape. */
const FLOAT_TENSOR = Uint8Array.of(0x0a, 0x02, 0x08, 0x01);

type Message = "model" | "graph" | "node" | "attribute" | "tensor" | "sparse" | "training" | "function";

/** Every path on which a tensor can lie in a model file: message, field number, what lies there. */
const children: Record<Message, Partial<Record<number, Message>>> = {
  model: { [MODEL.graph]: "graph", [MODEL.training]: "training", [MODEL.functions]: "function" },
  graph: { [GRAPH.node]: "node", 5: "tensor", 15: "sparse" },
  node: { [NODE.attribute]: "attribute" },
  attribute: { 5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse" },
  sparse: { 1: "tensor", 2: "tensor" },
  training: { 1: "graph", 2: "graph" },
  function: { 7: "node", 11: "attribute" },
  tensor: {},
};
/** TensorProto: `external_data` and `data_location`. */
const TENSOR = { externalData: 13, dataLocation: 14 } as const;

/** Nothing else is looked at: the values of a tensor and the figures of a tree may be millions of fields. */
const interesting = Object.fromEntries(
  Object.entries(children).map(([kind, inside]) => {
    return [kind, new Set(kind === "tensor" ? Object.values(TENSOR) : Object.keys(inside).map(Number))];
  }),
);

function refuse(sentence: string, cause?: unknown): DomainError {
  return new DomainError("invalid_input", sentence, { cause });
}

/** A tensor elsewhere could be any file of the server: the runtime would open it relative to its working directory. */
function refuseExternalData(kind: Message, bytes: Uint8Array, depth: number): void {
  if (depth > MAX_DEPTH * 3) throw refuse("The model's graphs lie too deep within each other.");
  for (const field of readFields(bytes, interesting[kind])) {
    const external = field.number === TENSOR.externalData || (field.number === TENSOR.dataLocation && field.value !== 0n);
    if (kind === "tensor" && external) {
      throw refuse("The model keeps some of its weights in another file. Save it as one file, with all its weights inside.");
    }
    const child = children[kind][field.number];
    if (child && field.wireType === 2) refuseExternalData(child, field.body, depth + 1);
  }
}

function listFields(bytes: Uint8Array, most: number): WireField[] {
  const fields: WireField[] = [];
  for (const field of readFields(bytes)) {
    if (fields.push(field) > most) throw refuse("This is not an ONNX file: it has more parts than any model.");
  }
  return fields;
}

function firstText(fields: WireField[], number: number): string {
  const field = fields.find((candidate) => candidate.number === number);
  return field ? readText(field.body) : "";
}

interface NodeFacts {
  opType: string;
  input: string;
  output: string;
  /** From `classlabels_*` of a ZipMap or a classifier. */
  labels: (string | number)[] | null;
}

const ATTRIBUTE_VALUES = new Set([ATTRIBUTE.ints, ATTRIBUTE.strings]);

function readLabels({ body }: WireField): (string | number)[] | null {
  if (!readText(findField(body, ATTRIBUTE.name)?.body ?? new Uint8Array(0)).startsWith("classlabels_")) return null;
  const attribute = [...readFields(body, ATTRIBUTE_VALUES)];
  const texts = attribute.filter((field) => field.number === ATTRIBUTE.strings).map((field) => readText(field.body));
  if (texts.length > 0) return texts;
  const ints = attribute.filter((field) => field.number === ATTRIBUTE.ints);
  const values = ints.flatMap((field) => (field.wireType === 2 ? readPacked(field.body) : [field.value]));
  return values.length > 0 ? values.map((value) => Number(BigInt.asIntN(64, value))) : null;
}

function readNode(bytes: Uint8Array): NodeFacts {
  const fields = [...readFields(bytes)];
  const attributes = fields.filter((field) => field.number === NODE.attribute);
  const labels = attributes.map(readLabels).find((found) => found !== null) ?? null;
  return { opType: firstText(fields, NODE.opType), input: firstText(fields, NODE.input), output: firstText(fields, NODE.output), labels };
}

/** A ZipMap becomes an Identity that carries the probabilities under the output's own name; the output becomes a float tensor. */
function repairGraph(graph: WireField[], nodes: Map<WireField, NodeFacts>): Uint8Array {
  const zipped = new Set([...nodes.values()].filter((node) => node.opType === "ZipMap").map((node) => node.output));
  const parts = graph.map((field) => {
    const node = nodes.get(field);
    if (node?.opType === "ZipMap") {
      const identity = [encodeField(NODE.input, node.input), encodeField(NODE.output, node.output), encodeField(NODE.opType, "Identity")];
      return encodeField(GRAPH.node, Buffer.concat(identity));
    }
    if (field.number !== GRAPH.output) return field.raw;
    const name = firstText([...readFields(field.body)], VALUE.name);
    if (!zipped.has(name)) return field.raw;
    return encodeField(GRAPH.output, Buffer.concat([encodeField(VALUE.name, name), encodeField(VALUE.type, FLOAT_TENSOR)]));
  });
  return Buffer.concat(parts);
}

function hasStandardOpset(model: WireField[]): boolean {
  const opsets = model.filter((field) => field.number === MODEL.opsets);
  return opsets.some((field) => ["", "ai.onnx"].includes(firstText([...readFields(field.body)], OPSET.domain)));
}

export interface OnnxFile {
  /** The file as it is stored and run: the uploaded one, or the repaired one. */
  bytes: Uint8Array;
  /** Class labels in the order of the columns, by the name of the output that held a ZipMap. */
  zipped: Map<string, (string | number)[]>;
  /** Labels of the first classifier in the graph, for outputs that are plain tensors; null where none is named. */
  labels: (string | number)[] | null;
}

function open(bytes: Uint8Array): OnnxFile {
  const model = listFields(bytes, MOST_FIELDS.model);
  const [graphField, second] = model.filter((field) => field.number === MODEL.graph);
  const irVersion = model.find((field) => field.number === MODEL.irVersion);
  if (graphField?.wireType !== 2 || irVersion?.wireType !== 0) throw refuse("This is not an ONNX file.");
  if (second) throw refuse("The file has more than one main graph. Save the model with onnx.save(model, path), which writes one.");
  refuseExternalData("model", bytes, 0);
  const graph = listFields(graphField.body, MOST_FIELDS.graph);
  const nodes = new Map(graph.filter((field) => field.number === GRAPH.node).map((field) => [field, readNode(field.body)] as const));
  if (nodes.size === 0) throw refuse("The file has no graph that computes anything. Export the model itself, not only its weights.");
  const zipMaps = [...nodes.values()].filter((node) => node.opType === "ZipMap");
  const labels = [...nodes.values()].find((node) => node.labels !== null)?.labels ?? null;
  const zipped = new Map(zipMaps.map((node) => [node.output, node.labels ?? []]));
  if (zipMaps.length === 0) return { bytes, zipped, labels };
  const repaired = encodeField(MODEL.graph, repairGraph(graph, nodes));
  const parts = model.map((field) => (field === graphField ? repaired : field.raw));
  if (!hasStandardOpset(model)) {
    parts.push(encodeField(MODEL.opsets, Buffer.concat([Uint8Array.of(OPSET.version * 8), encodeVarint(FALLBACK_OPSET)])));
  }
  return { bytes: Buffer.concat(parts), zipped, labels };
}

/**
 * Opens an uploaded model file: refuses weights outside the file, replaces every ZipMap (its output cannot be returned by
 * onnxruntime-node) and reads the class labels.
 * @throws {DomainError} `invalid_input`, with a sentence that says what is wrong with the file
 */
export function openOnnxFile(bytes: Uint8Array): OnnxFile {
  if (bytes.length > MAX_FILE_BYTES) throw refuse(`The file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB.`);
  try {
    return open(bytes);
  } catch (error) {
    if (error instanceof WireError) throw refuse("This is not an ONNX file, or it is cut off.", error);
    throw error;
  }
}
