import "server-only";
import {
  all,
  fieldsOf,
  FUNCTION,
  GRAPH,
  graphsOf,
  MAX_DEPTH,
  MODEL,
  NODE,
  TENSOR,
  textOf,
  texts,
} from "@/server/modules/predict/inspector/onnx-fields.admin";
import { FileRefusal, quoteName } from "@/server/modules/predict/inspector/refusal.admin";
import type { WireField } from "@/server/modules/predict/protobuf";

/** Which inputs of an operator say how often it runs or how large its output is (ONNX operators 1.19, and those of ONNX Runtime). */
const SIZED_BY: Readonly<Record<string, readonly number[]>> = {
  Loop: [0],
  ConstantOfShape: [0],
  Range: [0, 1, 2],
  Expand: [1],
  Tile: [1],
  Pad: [1],
  OneHot: [1],
  Resize: [2, 3],
  Upsample: [1],
  MaxUnpool: [2],
  AffineGrid: [1],
  CenterCropPad: [1],
  Col2Im: [1],
  DFT: [1],
  STFT: [1, 3],
  BlackmanWindow: [0],
  HammingWindow: [0],
  HannWindow: [0],
  MelWeightMatrix: [0, 1],
  BeamSearch: [1],
  GreedySearch: [1],
  Sampling: [1],
};
/** How large a value is says nothing of what is in it; what callers send is bounded already. */
const TELLS_SIZE = new Set(["Shape", "Size"]);

const TENSOR_NAME: ReadonlySet<number> = new Set([TENSOR.name]);

type Functions = ReadonlyMap<string, WireField[]>;

/** Names of values that depend on what callers send, not on its size alone. A graph within a graph sees those around it. */
class Sent {
  readonly #own = new Map<string, boolean>();

  constructor(readonly around: Sent | null = null) {}

  has(name: string): boolean {
    return this.#own.get(name) ?? this.around?.has(name) ?? false;
  }

  set(name: string, sent: boolean): void {
    this.#own.set(name, sent);
  }
}

const nameOf = (domain: string, opType: string) => `${domain === "ai.onnx" ? "" : domain}\n${opType}`;

function refuse(opType: string, output: string): never {
  const what = opType === "Loop" ? "runs a Loop as often as" : `makes a value (${opType}, ${quoteName(output)}) as large as`;
  throw new FileRefusal(
    `The model ${what} the values that are sent say: one call could keep the service busy for ever, or take all of its memory. ` +
      "Export it with a fixed count or size, or with one that depends on the shape of the input alone.",
  );
}

/** Whether the graphs within a node read or give anything that was sent. */
function walkInner(opType: string, attributes: WireField[], sent: Sent, functions: Functions, depth: number): boolean {
  if (depth >= MAX_DEPTH) return true;
  return attributes
    .flatMap(({ body }) => graphsOf(body))
    .map((graph) => {
      const inner = new Sent(sent);
      // The first input of a Loop's body counts its rounds; all others carry values from outside, or from round to round.
      const [count, ...carried] = all(graph, GRAPH.input).map(({ body }) => textOf(fieldsOf(body), 1));
      if (count !== undefined) inner.set(count, opType !== "Loop");
      for (const name of carried) inner.set(name, true);
      return walkNodes(all(graph, GRAPH.node), inner, functions, depth + 1);
    })
    .includes(true);
}

/** @returns whether any of the outputs of a function of the model's own depends on what was sent */
function walkFunction(body: WireField[], given: boolean[], functions: Functions, depth: number): boolean {
  if (depth >= MAX_DEPTH) return true;
  const inner = new Sent();
  for (const [index, name] of texts(body, FUNCTION.input).entries()) inner.set(name, given[index] ?? false);
  walkNodes(all(body, FUNCTION.node), inner, functions, depth + 1);
  return texts(body, FUNCTION.output).some((name) => inner.has(name));
}

/** @returns whether any node reads what was sent. @throws {FileRefusal} */
function walkNodes(nodes: WireField[], sent: Sent, functions: Functions, depth: number): boolean {
  let any = false;
  for (const { body } of nodes) {
    const node = fieldsOf(body);
    const opType = textOf(node, NODE.opType);
    const [inputs, outputs] = [texts(node, NODE.input), texts(node, NODE.output)];
    const given = inputs.map((name) => sent.has(name));
    // Without a count a Loop goes on until a value of its body ends it.
    const isEndless = opType === "Loop" && (inputs[0] ?? "") === "";
    if (isEndless || SIZED_BY[opType]?.some((index) => given[index])) refuse(opType, outputs[0] ?? "");
    const called = functions.get(nameOf(textOf(node, NODE.domain), opType));
    const inner = called ? walkFunction(called, given, functions, depth) : walkInner(opType, all(node, NODE.attribute), sent, functions, depth);
    const isSent = called ? inner : given.includes(true) || inner;
    any ||= isSent;
    for (const name of outputs) sent.set(name, isSent && !TELLS_SIZE.has(opType));
  }
  return any;
}

/**
 * What a model does must depend on how much is sent, never on what: else any caller could make one prediction as long or as large as they
 * like, and the inspection, which sends values of its own, would not see it. Follows values from the inputs to what counts or sizes.
 * @throws {FileRefusal}
 */
export function assertBoundedWork(bytes: Uint8Array): void {
  const model = fieldsOf(bytes);
  const functions = new Map(
    all(model, MODEL.functions).map(({ body }) => {
      const fields = fieldsOf(body);
      return [nameOf(textOf(fields, FUNCTION.domain), textOf(fields, FUNCTION.name)), fields] as const;
    }),
  );
  const graph = fieldsOf(all(model, MODEL.graph)[0]?.body ?? new Uint8Array(0));
  const sent = new Sent();
  for (const { body } of all(graph, GRAPH.input)) sent.set(textOf(fieldsOf(body), 1), true);
  // Older files list their constants among the inputs.
  for (const { body } of all(graph, GRAPH.initializer)) sent.set(textOf(fieldsOf(body, TENSOR_NAME), TENSOR.name), false);
  walkNodes(all(graph, GRAPH.node), sent, functions, 0);
}
