import "server-only";
import type { CategoryField, InputField, InputTensor, ModelSchema, OutputField } from "@/lib/contracts/model-schema";
import type { FieldProblem } from "@/lib/contracts/problem";
import { DomainError } from "@/server/core/errors";
import type { OnnxFile } from "@/server/modules/predict/onnx-file";
import type { OpenModel } from "@/server/modules/predict/runtime";
import { classColumns, neededOutputs } from "@/server/modules/predict/answers";

const quote = (names: Iterable<string>) => [...names].map((name) => JSON.stringify(name)).join(", ");

function findDuplicate(values: readonly unknown[]): boolean {
  return new Set(values).size !== values.length;
}

/** What a field puts into its tensor: how many values, and whether they are text. */
function fillsTensor(field: InputField, tensor: InputTensor): string | null {
  const isText = tensor.dtype === "string";
  if (field.type === "text" && !isText) return "is text but fills a tensor of numbers";
  if (field.type === "category") return categoryFills(field, tensor);
  if (field.type !== "text" && isText) return "is a number but fills a tensor of text";
  const mayBeMissing = !field.required && (field.type === "image" || field.default === undefined);
  if (mayBeMissing && !["float32", "float64", "string"].includes(tensor.dtype)) return "may be left out, but its tensor cannot say so";
  return null;
}

function categoryFills(field: CategoryField, tensor: InputTensor): string | null {
  const values = field.categories.map((category) => category.value);
  if (findDuplicate(values)) return "has a category twice";
  if (tensor.dtype === "string") {
    return values.every((value) => typeof value === "string") ? null : "has numbers as categories but fills text";
  }
  if (!values.every((value) => typeof value === "number")) return "has text as categories but fills a tensor of numbers";
  const isFloat = tensor.dtype === "float32" || tensor.dtype === "float64";
  if (!isFloat && !values.every((value) => Number.isSafeInteger(value))) return "has categories that are not whole numbers";
  return field.required || field.default !== undefined || isFloat ? null : "may be left out, but its tensor cannot say so";
}

function widthOf(field: InputField): number {
  return field.type === "image" ? field.width * field.height * field.channels : 1;
}

function checkInputs(schema: ModelSchema): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const byName = new Map(schema.inputs.map((field) => [field.name, field]));
  const used = schema.tensors.inputs.flatMap((tensor) => tensor.fields);
  if (byName.size !== schema.inputs.length) problems.push({ pointer: "#/schema/inputs", detail: "Two fields have the same name." });
  if (findDuplicate(used)) problems.push({ pointer: "#/schema/tensors/inputs", detail: "A field fills two tensors." });
  schema.inputs.forEach((field, index) => {
    if (!used.includes(field.name)) problems.push({ pointer: `#/schema/inputs/${index}`, detail: "The field fills no tensor." });
  });
  schema.tensors.inputs.forEach((tensor, index) => {
    const pointer = `#/schema/tensors/inputs/${index}`;
    const fields = tensor.fields.map((name) => byName.get(name)).filter((field) => field !== undefined);
    if (fields.length !== tensor.fields.length) problems.push({ pointer, detail: "The tensor names a field that is not there." });
    const [rows, ...rest] = tensor.shape;
    const size = rest.reduce<number>((product, dim) => product * (dim === "N" ? Number.NaN : dim), 1);
    if (rows !== "N") problems.push({ pointer: `${pointer}/shape`, detail: "The first dimension must be \"N\", the rows." });
    else if (size !== fields.reduce((sum, field) => sum + widthOf(field), 0)) {
      problems.push({ pointer: `${pointer}/shape`, detail: "The shape does not hold exactly the values of its fields." });
    }
    for (const field of fields) {
      const detail = fillsTensor(field, tensor);
      if (detail) problems.push({ pointer, detail: `The field ${field.name} ${detail}.` });
    }
  });
  return problems;
}

function checkClasses(schema: ModelSchema, output: Extract<OutputField, { kind: "class" }>, file: OnnxFile): string | null {
  const values = output.classes.map((entry) => String(entry.value));
  const columns = classColumns(schema, output).map(String);
  if (findDuplicate(values) || values.includes("__proto__")) return "Every class needs a value of its own.";
  if (findDuplicate(columns) || columns.length !== values.length || !columns.every((value) => values.includes(value))) {
    return "The keys of the probabilities are not the classes.";
  }
  const zipped = file.zipped.get(output.probabilities);
  if (zipped === undefined && output.encoding === "zipmap") return "The file has no ZipMap for these probabilities.";
  const labels = (zipped ?? file.labels ?? []).map(String);
  const isAbout = zipped !== undefined || (labels.length === columns.length && labels.every((label) => columns.includes(label)));
  if (!isAbout || (labels.length === columns.length && labels.every((label, index) => label === columns[index]))) return null;
  return `The file's classes are ${quote(labels)}, in this order.`;
}

function checkOutputs(schema: ModelSchema, file: OnnxFile): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (findDuplicate(schema.outputs.map((output) => output.name))) {
    problems.push({ pointer: "#/schema/outputs", detail: "Two outputs have the same name." });
  }
  schema.outputs.forEach((output, index) => {
    const detail = output.kind === "class" ? checkClasses(schema, output, file) : null;
    if (detail) problems.push({ pointer: `#/schema/outputs/${index}`, detail });
  });
  return problems;
}

/** Names and types of tensors, as the file has them and as the schema says. */
function checkTensors(schema: ModelSchema, model: OpenModel): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const inputs = new Map(model.inputs.map((tensor) => [tensor.name, tensor.dtype]));
  schema.tensors.inputs.forEach(({ name, dtype }, index) => {
    const pointer = `#/schema/tensors/inputs/${index}`;
    const found = inputs.get(name);
    if (found === undefined) problems.push({ pointer, detail: `The file has no such input; it has ${quote(inputs.keys())}.` });
    else if (found !== dtype) problems.push({ pointer: `${pointer}/dtype`, detail: `The file's input is ${found ?? "not a tensor"}.` });
  });
  const described = new Set(schema.tensors.inputs.map((tensor) => tensor.name));
  const forgotten = [...inputs.keys()].filter((name) => !described.has(name));
  if (forgotten.length > 0) problems.push({ pointer: "#/schema/tensors/inputs", detail: `The file also wants ${quote(forgotten)}.` });
  const outputs = new Map(model.outputs.map((tensor) => [tensor.name, tensor.dtype]));
  for (const name of neededOutputs(schema)) {
    if (outputs.get(name)) continue;
    const missing = `The file has no output "${name}"; it has ${quote(outputs.keys())}.`;
    problems.push({ pointer: "#/schema/outputs", detail: outputs.has(name) ? `The output "${name}" is not a tensor.` : missing });
  }
  return problems;
}

/**
 * Whether schema and file belong together, so that a checked row always fills the tensors and every answer can be read.
 * @throws {DomainError} `invalid_input`, with everything that does not fit
 */
export function assertSchemaFits(schema: ModelSchema, file: OnnxFile, model: OpenModel): void {
  const errors = [...checkInputs(schema), ...checkOutputs(schema, file), ...checkTensors(schema, model)];
  if (errors.length > 0) throw new DomainError("invalid_input", "The schema does not fit the model file.", { errors });
}
