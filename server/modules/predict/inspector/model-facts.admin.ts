import "server-only";
import type { InspectedTensor, Inspection } from "@/lib/contracts/inspection.admin";
import {
  all,
  ATTRIBUTE,
  fieldsOf,
  GRAPH,
  graphsOf,
  ints,
  MAX_DEPTH,
  MODEL,
  NODE,
  TENSOR,
  textOf,
  texts,
  TYPE,
} from "@/server/modules/predict/inspector/onnx-fields.admin";
import { countFixed, findField, readText, type WireField } from "@/server/modules/predict/protobuf";

/** TensorProto.DataType, in the runtime's words. */
const elementTypes: readonly string[] = (
  "undefined float32 uint8 int8 uint16 int16 int32 int64 string bool float16 " +
  "float64 uint32 uint64 complex64 complex128 bfloat16 float8 float8 float8 float8 uint4 int4"
).split(" ");
const kinds: Record<number, string> = {
  [TYPE.sequence]: "sequence",
  [TYPE.map]: "map",
  [TYPE.sparse]: "sparse tensor",
  [TYPE.optional]: "optional",
};

const LONGEST_DOC = 2_000;
const LONGEST_PROPERTY = 4_000;
const MOST_PROPERTIES = 50;
const MOST_OPERATORS = 60;
/** Constants with more values are weights: no column is picked by them. */
const LARGEST_INDEX_LIST = 1_000;
/** Attributes in which encoders keep the values they know. Others may hold millions of figures. */
const CATEGORY_ATTRIBUTES: ReadonlySet<string> = new Set(["cats_strings", "cats_int64s", "keys_strings", "keys_int64s"]);

/** One node, as far as it says where values come from. */
export interface GraphNode {
  opType: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  /** Values that an encoder knows. */
  categories: (string | number)[];
}

/** What the file says about itself, in the form it is told in. */
type Told = Pick<
  Inspection,
  ("ir_version" | "opsets" | "producer" | "graph_name" | "metadata" | "doc") | ("nodes" | "operators" | "parameters" | "inputs" | "outputs")
>;

export interface ModelFacts {
  told: Told;
  /** The nodes of the main graph in their order. */
  graph: GraphNode[];
  /** Small constants of whole numbers, by name. */
  indexes: Map<string, number[]>;
  /** Whether it is a graph that trains a model. */
  training: boolean;
}

const setOf = (numbers: Record<string, number>): ReadonlySet<number> => new Set(Object.values(numbers));
const TENSOR_FIELDS = setOf(TENSOR);
const ATTRIBUTE_VALUES: ReadonlySet<number> = new Set([ATTRIBUTE.ints, ATTRIBUTE.strings]);

function readProperty(field: WireField): [string, string] {
  const entry = fieldsOf(field.body);
  return [textOf(entry, 1).slice(0, 200), textOf(entry, 2).slice(0, LONGEST_PROPERTY)];
}

function readOpset({ body }: WireField): Inspection["opsets"][number] {
  const opset = fieldsOf(body);
  return { domain: textOf(opset, 1) || "ai.onnx", version: ints(opset, 2)[0] ?? 0 };
}

/** TypeProto.Tensor: the element type, and the shape where there is one. */
function readTensorType(bytes: Uint8Array): Pick<InspectedTensor, "dtype" | "shape"> {
  const fields = fieldsOf(bytes);
  const [elementType = 0] = ints(fields, 1);
  const [shape] = all(fields, 2);
  const dims = shape ? all(fieldsOf(shape.body), 1).map((dim) => fieldsOf(dim.body)) : null;
  return {
    dtype: elementTypes[elementType] ?? `type ${elementType}`,
    shape: dims?.map((dim) => ints(dim, 1)[0] ?? textOf(dim, 2).slice(0, 100)) ?? null,
  };
}

function readValue(field: WireField): InspectedTensor {
  const value = fieldsOf(field.body);
  const [type] = all(value, 2);
  const [kind] = type ? fieldsOf(type.body).filter(({ number }) => number === TYPE.tensor || kinds[number] !== undefined) : [];
  const described =
    kind?.number === TYPE.tensor ? readTensorType(kind.body) : { dtype: kinds[kind?.number ?? 0] ?? "unknown", shape: null };
  return { name: textOf(value, 1), ...described };
}

function readCategories({ body }: WireField): (string | number)[] {
  const name = findField(body, ATTRIBUTE.name);
  if (!name || !CATEGORY_ATTRIBUTES.has(readText(name.body))) return [];
  const fields = fieldsOf(body, ATTRIBUTE_VALUES);
  return [...texts(fields, ATTRIBUTE.strings), ...ints(fields, ATTRIBUTE.ints)];
}

function readNode(field: WireField): GraphNode {
  const node = fieldsOf(field.body);
  return {
    opType: textOf(node, NODE.opType),
    domain: textOf(node, NODE.domain),
    inputs: texts(node, NODE.input),
    outputs: texts(node, NODE.output),
    categories: all(node, NODE.attribute).flatMap(readCategories),
  };
}

interface Initializer {
  name: string;
  size: number;
  values: number[] | null;
}

/** How large a constant is; its values where they are a few whole numbers. */
function readInitializer(field: WireField): Initializer {
  const tensor = fieldsOf(field.body, TENSOR_FIELDS);
  const size = ints(tensor, TENSOR.dims).reduce((product, dim) => product * dim, 1);
  const isSmall = elementTypes[ints(tensor, TENSOR.dataType)[0] ?? 0] === "int64" && size <= LARGEST_INDEX_LIST;
  const [raw] = all(tensor, TENSOR.raw);
  const fromRaw = () => {
    const view = raw ? new DataView(raw.body.buffer, raw.body.byteOffset, raw.body.byteLength) : null;
    return Array.from({ length: Math.floor((view?.byteLength ?? 0) / 8) }, (_unused, index) => Number(view?.getBigInt64(index * 8, true)));
  };
  return { name: textOf(tensor, TENSOR.name), size, values: isSmall ? (raw ? fromRaw() : ints(tensor, TENSOR.int64s)) : null };
}

interface Counts {
  operators: Map<string, number>;
  /** Figures that lie in the nodes themselves: coefficients, the thresholds of trees. */
  figures: number;
}

/** Counts what a graph and the graphs within its nodes compute with. */
function countNodes(graph: WireField[], counts: Counts, depth = 0): Counts {
  for (const field of all(graph, GRAPH.node)) {
    const node = fieldsOf(field.body);
    const key = `${textOf(node, NODE.domain)}\n${textOf(node, NODE.opType)}`;
    counts.operators.set(key, (counts.operators.get(key) ?? 0) + 1);
    for (const attribute of all(node, NODE.attribute)) {
      counts.figures += countFixed(attribute.body, ATTRIBUTE.floats, 4);
      if (depth >= MAX_DEPTH) continue;
      for (const inner of graphsOf(attribute.body)) countNodes(inner, counts, depth + 1);
    }
  }
  return counts;
}

/**
 * What a model file says about itself, without running anything. The file was opened before, so that it has a graph.
 * @throws {WireError} when it is not a protobuf message
 */
export function readFacts(bytes: Uint8Array): ModelFacts {
  const model = fieldsOf(bytes);
  const graph = fieldsOf(all(model, MODEL.graph)[0]?.body ?? new Uint8Array(0));
  const counts = countNodes(graph, { operators: new Map(), figures: 0 });
  const operators = [...counts.operators].map(([key, count]) => ({
    name: key.split("\n")[1] ?? "",
    domain: key.split("\n")[0] ?? "",
    count,
  }));
  const initializers = all(graph, GRAPH.initializer).map(readInitializer);
  const constants = new Set(initializers.map(({ name }) => name));
  return {
    told: {
      ir_version: ints(model, MODEL.irVersion)[0] ?? 0,
      opsets: all(model, MODEL.opsets).map(readOpset),
      producer: { name: textOf(model, MODEL.producer).slice(0, 200), version: textOf(model, MODEL.producerVersion).slice(0, 200) },
      graph_name: textOf(graph, GRAPH.name).slice(0, 200),
      metadata: Object.fromEntries(all(model, MODEL.metadata).slice(0, MOST_PROPERTIES).map(readProperty)),
      doc: (textOf(model, MODEL.doc) || textOf(graph, GRAPH.doc)).slice(0, LONGEST_DOC),
      nodes: operators.reduce((sum, { count }) => sum + count, 0),
      operators: operators.sort((one, other) => other.count - one.count).slice(0, MOST_OPERATORS),
      parameters: initializers.reduce((sum, { size }) => sum + size, counts.figures),
      inputs: all(graph, GRAPH.input)
        .map(readValue)
        .filter(({ name }) => !constants.has(name)),
      outputs: all(graph, GRAPH.output).map(readValue),
    },
    graph: all(graph, GRAPH.node).map(readNode),
    indexes: new Map(initializers.flatMap(({ name, values }) => (values ? [[name, values] as const] : []))),
    training: all(model, MODEL.training).length > 0 || operators.some(({ domain }) => domain === "ai.onnx.preview.training"),
  };
}
