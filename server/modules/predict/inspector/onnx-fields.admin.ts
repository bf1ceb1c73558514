import "server-only";
import { readFields, readPacked, readText, type WireField } from "@/server/modules/predict/protobuf";

/** Field numbers of the messages in onnx.proto (ONNX 1.19, IR version 12). */
export const MODEL = { irVersion: 1, producer: 2, producerVersion: 3, doc: 6, graph: 7, opsets: 8, metadata: 14, training: 20, functions: 25 } as const;
export const GRAPH = { node: 1, name: 2, initializer: 5, doc: 10, input: 11, output: 12, sparseInitializer: 15 } as const;
export const NODE = { input: 1, output: 2, opType: 4, attribute: 5, domain: 7 } as const;
export const FUNCTION = { name: 1, input: 4, output: 5, node: 7, domain: 10 } as const;
export const ATTRIBUTE = { name: 1, graph: 6, floats: 7, ints: 8, strings: 9, graphs: 11 } as const;
export const TYPE = { tensor: 1, sequence: 4, map: 5, sparse: 8, optional: 9 } as const;
export const TENSOR = { dims: 1, dataType: 2, int64s: 7, name: 8, raw: 9 } as const;

/** How deep the graphs of Loop and If are looked into. */
export const MAX_DEPTH = 32;

const ATTRIBUTE_GRAPHS: ReadonlySet<number> = new Set([ATTRIBUTE.graph, ATTRIBUTE.graphs]);

export const fieldsOf = (bytes: Uint8Array, wanted?: ReadonlySet<number>) => [...readFields(bytes, wanted)];
export const all = (fields: WireField[], number: number) => fields.filter((field) => field.number === number);
export const texts = (fields: WireField[], number: number) => all(fields, number).map((field) => readText(field.body));
export const textOf = (fields: WireField[], number: number) => texts(fields, number)[0] ?? "";

const toInt = (value: bigint) => Number(BigInt.asIntN(64, value));
/** Whole numbers, packed or one by one. */
export const ints = (fields: WireField[], number: number) =>
  all(fields, number)
    .flatMap((field) => (field.wireType === 2 ? readPacked(field.body) : [field.value]))
    .map(toInt);

/** The graphs within an attribute of a node: the body of Loop, the branches of If. */
export const graphsOf = (attribute: Uint8Array): WireField[][] => fieldsOf(attribute, ATTRIBUTE_GRAPHS).map(({ body }) => fieldsOf(body));
