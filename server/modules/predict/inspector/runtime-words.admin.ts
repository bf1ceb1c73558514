import "server-only";
import { quoteName, runtimeText } from "@/server/modules/predict/inspector/refusal.admin";

/** What a model may have, for the sentences about it. */
export interface Limits {
  memoryMib: number;
}

/** The texts of onnxruntime 1.30 (and of Node, when memory ends) that say what is wrong, each with our words for it. */
type Words = (match: RegExpExecArray, limits: Limits) => string;

/** @param limits what the model may have */
export function tellMemory({ memoryMib }: Limits): string {
  return (
    `The model needs more memory than the ${(memoryMib / 1024).toFixed(1)} GB it may have. Look for a tensor that is made as large as ` +
    "a number in " +
    "the file or in the input says (ConstantOfShape, Expand, Tile, Resize), or export a smaller model."
  );
}

const OUT_OF_MEMORY =
  /Failed to allocate memory|bad_alloc|bad_array_new_length|out of memory|allocation failed|Invalid (typed )?array length|SafeInt/i;

export function isMemoryFailure(text: string): boolean {
  return OUT_OF_MEMORY.test(text);
}

const domainName = (domain: string) => (domain === "" ? "ai.onnx" : domain);
const inOpset = (version: string | undefined) => (version ? `, opset ${version}` : "");

function unknownOperator(name: string, domain: string, version?: string): string {
  const standard = domain === "" || domain.startsWith("ai.onnx");
  const remedy = standard
    ? "Export the model with another opset, or replace the operator by ones that ONNX has."
    : "It is an extension that is not installed here: export the model with standard operators only.";
  return (
    `The model uses the operator ${quoteName(name)} of the domain ${quoteName(domainName(domain))}${inOpset(version)}, which the ` +
    `runtime does not have. ${remedy}`
  );
}

const translations: readonly [RegExp, Words][] = [
  [OUT_OF_MEMORY, (_match, limits) => tellMemory(limits)],
  [
    /^(Output .* (?:size that the schema says|finite number|does not have)\.)$/,
    (match) => `The model's answer to this row cannot be shown: ${match[1]}`,
  ],
  [
    /In Node, \("[^"]*", ([^,]+), "([^"]*)"[\s\S]*No Op registered for \S+ with domain_version of (\d+)/,
    (match) => unknownOperator(match[1] ?? "", match[2] ?? "", match[3]),
  ],
  [/No Op registered for (\S+) with domain_version of (\d+)/, (match) => unknownOperator(match[1] ?? "", "", match[2])],
  [/Fatal error: ([^\s:]*):([^\s:(]+)\(-?\d+\) is not a registered function/, (match) => unknownOperator(match[2] ?? "", match[1] ?? "")],
  [
    /No opset import for domain '([^']*)'/,
    (match) =>
      `The model uses operators of the domain ${quoteName(domainName(match[1] ?? ""))} without naming its opset. Export it again with ` +
      "the tool of that domain, or with standard operators only.",
  ],
  [
    /Could not find an implementation for ([^\s(]+)\((\d+)\)/,
    (match) =>
      `The runtime cannot compute the operator ${quoteName(match[1] ?? "")}${inOpset(match[2])} for the types it is used with. Export ` +
      "the model with float32 values.",
  ],
  [
    /Opset (\d+) is under development[\s\S]*?for domain (\S+) is till opset (\d+)/,
    (match) =>
      `The model asks for opset ${match[1]} of ${quoteName(match[2] ?? "")}; the highest one supported here is ${match[3]}. Export it ` +
      `with opset ${match[3]} or lower.`,
  ],
  [
    /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    (match) =>
      `The file has IR version ${match[1]}; the highest one supported here is ${match[2]}. Export it with an older version of the ` +
      `onnx package, or set model.ir_version = ${match[2]}.`,
  ],
  [/Missing opset in the model/, () => "The file does not say which opset it uses. Export it again with a tool that writes opset_import."],
  [
    /Unsupported data type: 16|bfloat16/i,
    () => "The model takes or gives bfloat16, which cannot be sent. Export it with float32 inputs and outputs.",
  ],
  [
    /MLDataType for: tensor\((\w+)\)|Unsupported data type/,
    (match) =>
      `The model uses a type that the runtime does not have (${match[1] ?? "unknown"}). Export it with float32, int64 or string tensors.`,
  ],
  [
    /is not a graph input, initializer, or output of a previous node|is not output of any previous nodes/,
    () =>
      "A node of the graph reads a value that nothing gives. The file is not a whole model: export it again and check it with " +
      "onnx.checker.check_model.",
  ],
  [
    /Type Error|Type parameter|does not match expected type/,
    () =>
      "The types in the graph contradict each other. Check the file with onnx.checker.check_model(model, full_check=True) and export " +
      "it again.",
  ],
  [
    /ShapeInferenceError|Incompatible dimensions|Inferred shape and existing shape differ/,
    () =>
      "The shapes in the graph contradict each other. Check the file with onnx.checker.check_model(model, full_check=True) and export " +
      "it again.",
  ],
  [/Protobuf parsing failed/, () => "The runtime cannot read the file as an ONNX model. Export it again and upload the new file."],
];

function translate(error: unknown, limits: Limits, otherwise: string): string {
  const text = runtimeText(error);
  for (const [pattern, words] of translations) {
    const match = pattern.exec(text);
    if (match) return words(match, limits);
  }
  return otherwise;
}

/** Why a file could not be loaded, without a word of the runtime's own. */
export function tellLoadFailure(error: unknown, limits: Limits): string {
  return translate(
    error,
    limits,
    "The runtime cannot load this model. Check it with onnx.checker.check_model(model, full_check=True) and export it again.",
  );
}

/** Why a loaded model did not answer. */
export function tellRunFailure(error: unknown, limits: Limits): string {
  const node = /running (\w+) node/.exec(runtimeText(error))?.[1];
  return translate(
    error,
    limits,
    `The model was loaded, but it did not answer${node ? `: its node ${quoteName(node)} failed` : ""}. ` +
      "Run it once with onnxruntime where it was made, with two rows at a time, and export it again.",
  );
}
