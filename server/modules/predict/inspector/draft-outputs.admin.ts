import "server-only";
import type { InspectionNote } from "@/lib/contracts/inspection.admin";
import type { ClassOutput, ModelTask, OutputField, OutputTensor } from "@/lib/contracts/model-schema";
import type { ModelFacts } from "@/server/modules/predict/inspector/model-facts.admin";
import { createNamer, parseNames, toLabel } from "@/server/modules/predict/inspector/names.admin";
import { FileRefusal, quoteName } from "@/server/modules/predict/inspector/refusal.admin";
import type { OnnxFile } from "@/server/modules/predict/onnx-file";
import type { OutputData } from "@/server/modules/predict/answers";

/** What a run over some rows gave for one output. */
export interface SeenOutput {
  name: string;
  dtype: string;
  /** Values for each row. */
  width: number;
  data: OutputData["data"];
}

export interface DraftedOutputs {
  outputs: OutputField[];
  tensors: OutputTensor[];
  task: ModelTask;
  warnings: InspectionNote[];
}

const ANSWERED = new Set(["float32", "float64", "int32", "int64", "uint8", "bool", "int8", "int16", "uint16", "uint32", "uint64"]);
const LABELS = new Set(["string", "int64", "int32"]);
/** Classes, or values of a list: an answer with more of them is for programs, not for people. */
const MOST_VALUES = 10_000;
/** How far the probabilities of a row may sum up from 1. */
const SUM_TOLERANCE = 1e-3;

/** Whether the values of every row are shares of one. */
function areShares({ data, width }: SeenOutput): boolean {
  const rows = data.length / width;
  return Array.from({ length: rows }, (_unused, row) =>
    Array.from({ length: width }, (_none, column) => Number(data[row * width + column])),
  ).every(
    (values) =>
      values.every((value) => value >= 0 && value <= 1 + SUM_TOLERANCE) &&
      Math.abs(values.reduce((sum, value) => sum + value, 0) - 1) < SUM_TOLERANCE,
  );
}

type ClassValue = string | number;

/** What the columns of probabilities stand for: by the file's labels, its properties, or counted from 0. */
function classValues(output: SeenOutput, file: OnnxFile, labels: SeenOutput | undefined, names: string[]): ClassValue[] {
  const zipped = file.zipped.get(output.name);
  if (zipped?.length === output.width) return zipped;
  if (file.labels?.length === output.width) return file.labels;
  if (labels?.dtype === "string" && names.length === output.width) return names;
  return Array.from({ length: output.width }, (_unused, index) => index);
}

function isClassOutput(output: SeenOutput, file: OnnxFile, labels: SeenOutput | undefined): boolean {
  if (file.zipped.has(output.name)) return output.width >= 2;
  if (!output.dtype.startsWith("float") || output.width < 2 || output.width > MOST_VALUES) return false;
  return file.labels?.length === output.width || (labels !== undefined && areShares(output)) || areShares(output);
}

function draftClass(
  output: SeenOutput,
  labels: SeenOutput | undefined,
  file: OnnxFile,
  metadata: ModelFacts["told"]["metadata"],
): ClassOutput {
  const names = parseNames(metadata.class_names ?? metadata.classes ?? metadata.labels ?? "");
  const values = classValues(output, file, labels, names);
  const classes = values.map((value, index) => ({
    value,
    label: (names.length === values.length ? names[index] : undefined) ?? String(value),
  }));
  return {
    name: "prediction",
    label: "Prediction",
    kind: "class",
    ...(labels && { tensor: labels.name }),
    probabilities: output.name,
    encoding: file.zipped.has(output.name) ? "zipmap" : "tensor",
    ...(classes.length === 2 && { positiveClass: values[1], threshold: 0.5 }),
    classes,
  };
}

function describeTensor(output: SeenOutput, keys?: ClassValue[]): OutputTensor {
  return { name: output.name, dtype: output.dtype, shape: output.width === 1 ? ["N"] : ["N", output.width], ...(keys && { keys }) };
}

/** Why an output cannot be shown; null where it can. */
function judgeOutput({ dtype, width }: SeenOutput): string | null {
  if (!Number.isInteger(width) || width === 0) return "it does not have one entry for each row";
  if (!ANSWERED.has(dtype) && dtype !== "string") return `it is of the type ${dtype}`;
  return width > MOST_VALUES ? `it has ${width.toLocaleString("en")} values for each row` : null;
}

/** The outputs that answers can be made from, and words about the others. */
function sortOut(seen: SeenOutput[]): { usable: SeenOutput[]; warnings: InspectionNote[] } {
  const judged = seen.map((output) => ({ output, reason: judgeOutput(output) }));
  const warnings = judged.flatMap(({ output, reason }) => {
    if (reason === null) return [];
    const remedy = "Export it as a float32 tensor whose first dimension is the row, if customers should see it.";
    return [{ detail: `The output ${quoteName(output.name)} is left out: ${reason}.`, remedy }];
  });
  return { usable: judged.filter(({ reason }) => reason === null).map(({ output }) => output), warnings };
}

/**
 * What a file gives, from what it gave for some rows: a class with probabilities, numbers, lists of numbers.
 * @throws {FileRefusal} when nothing of it can be shown
 */
export function draftOutputs(seen: SeenOutput[], file: OnnxFile, facts: ModelFacts): DraftedOutputs {
  const { usable, warnings } = sortOut(seen);
  const labels = usable.find(({ dtype, width }) => LABELS.has(dtype) && width === 1);
  const probabilities = usable.find((output) => isClassOutput(output, file, labels));
  const drafted: DraftedOutputs = { outputs: [], tensors: [], task: "other", warnings };
  const name = createNamer();
  if (probabilities) {
    const output = draftClass(probabilities, labels, file, facts.told.metadata);
    drafted.outputs.push({ ...output, name: name(output.name) });
    if (labels) drafted.tensors.push(describeTensor(labels));
    drafted.tensors.push(
      describeTensor(
        probabilities,
        output.classes.map(({ value }) => value),
      ),
    );
    drafted.task = output.classes.length === 2 ? "binary-classification" : "multiclass-classification";
  }
  const others = usable.filter((output) => output.dtype !== "string" && output !== probabilities && !(probabilities && output === labels));
  for (const output of others) {
    const isMain = others.length === 1 && !probabilities;
    const common = {
      name: name(isMain ? "prediction" : output.name),
      label: isMain ? "Prediction" : toLabel(output.name),
      tensor: output.name,
    };
    const unit = isMain ? facts.told.metadata.unit?.slice(0, 20) : undefined;
    drafted.outputs.push(output.width === 1 ? { ...common, kind: "number", ...(unit && { unit }) } : { ...common, kind: "vector" });
    drafted.tensors.push(describeTensor(output));
  }
  if (drafted.outputs.length === 0) {
    throw new FileRefusal(
      "None of the model's outputs can be shown: a class needs its probabilities beside it, everything else has to be numbers with " +
        "one entry for each row. " +
        "Export the model with probabilities (zipmap=False in skl2onnx) or with a float32 output.",
    );
  }
  if (!probabilities && others.some(({ width }) => width === 1)) drafted.task = "regression";
  return drafted;
}
