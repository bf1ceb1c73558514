import "server-only";
import type { InspectedTensor, InspectionNote } from "@/lib/contracts/inspection.admin";
import { inputTensor, type InputField, type InputTensor } from "@/lib/contracts/model-schema";
import { findCategories, type KnownCategories } from "@/server/modules/predict/inspector/graph-categories.admin";
import type { ModelFacts } from "@/server/modules/predict/inspector/model-facts.admin";
import { FileRefusal, quoteName } from "@/server/modules/predict/inspector/refusal.admin";
import { createNamer, readNames, toLabel } from "@/server/modules/predict/inspector/names.admin";

const MOST_FIELDS = 500;
const LARGEST_IMAGE_SIDE = 1_024;
const MOST_CATEGORIES = 1_000;
/** A plane of numbers with shorter sides is a table, not a picture. */
const SMALLEST_IMAGE_SIDE = 8;

export interface DraftedInputs {
  inputs: InputField[];
  tensors: InputTensor[];
  /** By field, the values that the graph names. */
  known: { input: string; values: (string | number)[] }[];
  warnings: InspectionNote[];
  /** An input whose row has as many values as was guessed, because the file does not say. */
  guessed: string | null;
}

const dtypes: ReadonlySet<string> = new Set(inputTensor.shape.dtype.options);
const isDtype = (dtype: string): dtype is InputTensor["dtype"] => dtypes.has(dtype);

/** @throws {FileRefusal} when its values cannot be sent as JSON */
function requireDtype({ name, dtype }: InspectedTensor): InputTensor["dtype"] {
  if (isDtype(dtype)) return dtype;
  const remedy =
    dtype === "float16"
      ? "Keep float32 inputs when the model is converted (keep_io_types=True)."
      : "Export the model with plain float32, int64 or string tensors as inputs.";
  throw new FileRefusal(`The input ${quoteName(name)} is of the type ${dtype}, which cannot be sent. ${remedy}`);
}

/** The dimensions behind the rows. @throws {FileRefusal} when the first dimension is not free */
function shapeOfRow({ name, shape }: InspectedTensor): (number | null)[] {
  if (shape === null) return [null];
  const [rows, ...rest] = shape;
  if (rows === undefined || typeof rows === "number") {
    throw new FileRefusal(
      `The input ${quoteName(name)} has no free first dimension: it takes exactly ` +
        `${rows ?? "one value"}${rows === undefined ? "" : rows === 1 ? " row" : " rows"} at a time. ` +
        'Export the model with a free number of rows: dynamic_axes={"input": {0: "N"}} in torch.onnx.export, ' +
        "[None, k] as initial type in skl2onnx.",
    );
  }
  return rest.map((size) => (typeof size === "number" && size > 0 ? size : null));
}

/** Height and width of a picture with one channel, whichever side the channel stands on; null for anything else. */
function imageSize(dims: number[]): { height: number; width: number } | null {
  const sides = dims.length === 3 && dims[0] === 1 ? dims.slice(1) : dims.length === 3 && dims[2] === 1 ? dims.slice(0, 2) : dims;
  const [height, width] = sides;
  if (sides.length !== 2 || height === undefined || width === undefined) return null;
  const fits = (side: number) => side >= SMALLEST_IMAGE_SIDE && side <= LARGEST_IMAGE_SIDE;
  return fits(height) && fits(width) ? { height, width } : null;
}

const yesNo = [
  { value: 0, label: "No" },
  { value: 1, label: "Yes" },
];

function draftField(
  base: Pick<InputField, "name" | "label" | "tensor">,
  dtype: InputTensor["dtype"],
  known: KnownCategories | undefined,
  multiline: boolean,
): InputField {
  const common = { ...base, required: true };
  // A list that is cut would refuse what the model knows.
  const values = known && known.values.length <= MOST_CATEGORIES ? known.values : [];
  const isText = dtype === "string";
  if (values.length > 0 && values.every((value) => (typeof value === "string") === isText)) {
    return {
      ...common,
      type: "category",
      categories: values.map((value) => ({ value, label: String(value) || "(empty)" })),
      default: values[0],
    };
  }
  if (dtype === "bool") return { ...common, type: "category", categories: yesNo, default: 0 };
  if (isText) return { ...common, type: "text", multiline, minLength: 0, maxLength: 6_000, default: "" };
  return { ...common, type: dtype.startsWith("float") ? "number" : "integer", default: 0 };
}

interface Drafting {
  drafted: DraftedInputs;
  name: (wanted: string) => string;
  categories: KnownCategories[];
  /** Names of this input's columns, where the file has them. */
  columns: string[] | null;
  /** Whether the file has one input only, so that a column needs no word about which. */
  single: boolean;
}

function draftImage(
  tensor: InspectedTensor,
  dtype: InputTensor["dtype"],
  dims: number[],
  size: { height: number; width: number },
  { drafted, name }: Drafting,
): void {
  const field = name(tensor.name);
  const common = { name: field, label: toLabel(tensor.name), required: true, tensor: { name: tensor.name } };
  drafted.inputs.push({ ...common, type: "image", ...size, channels: 1, capture: ["draw", "upload"] });
  const isFloat = dtype.startsWith("float");
  drafted.tensors.push({
    name: tensor.name,
    dtype,
    shape: ["N", ...dims],
    layout: "image-nchw",
    fields: [field],
    ...(isFloat && { scale: 1 / 255 }),
  });
  if (!isFloat) return;
  drafted.warnings.push({
    detail: `The input ${quoteName(tensor.name)} is taken for a grey image whose pixels are divided by 255.`,
    remedy: "If the model was trained on other values, change the scale of the tensor in the schema.",
  });
}

function draftColumns(tensor: InspectedTensor, dtype: InputTensor["dtype"], dims: number[], drafting: Drafting): void {
  const { drafted, name, categories, columns, single } = drafting;
  const width = dims.reduce((product, dim) => product * dim, 1);
  if (drafted.inputs.length + width > MOST_FIELDS) {
    throw new FileRefusal(
      `The input ${quoteName(tensor.name)} takes ${width.toLocaleString("en")} values a row; a form has at most ${MOST_FIELDS} fields. ` +
        "Put what computes these values into the model, so that it takes what a person knows (text, a grey image, a few columns).",
    );
  }
  const isColumn = width === 1;
  const fields = Array.from({ length: width }, (_unused, column) => {
    const wanted = columns?.[column] ?? (isColumn ? tensor.name : single ? `feature_${column + 1}` : `${tensor.name}_${column + 1}`);
    const field = name(wanted);
    const known = categories.find((entry) => entry.input === tensor.name && entry.column === column);
    if (known) drafted.known.push({ input: field, values: known.values });
    const place = isColumn ? { name: tensor.name } : { name: tensor.name, index: column };
    drafted.inputs.push(draftField({ name: field, label: toLabel(wanted), tensor: place }, dtype, known, single && isColumn));
    return field;
  });
  drafted.tensors.push({ name: tensor.name, dtype, shape: ["N", ...dims], layout: isColumn ? "column" : "matrix", fields });
  if (isColumn || columns) return;
  drafted.warnings.push({
    detail: `The file does not name the ${width} columns of its input ${quoteName(tensor.name)}.`,
    remedy: "Give every field its name, in the order in which the columns stood in training.",
  });
}

/**
 * Fields and tensors for what a file takes: one field for each column, one for a grey image.
 * @throws {FileRefusal} when a person could not fill them in
 */
export function draftInputs(facts: ModelFacts): DraftedInputs {
  const { inputs, metadata } = facts.told;
  const drafted: DraftedInputs = { inputs: [], tensors: [], known: [], warnings: [], guessed: null };
  const names = readNames(metadata, ["feature_names", "features", "input_features", "feature_names_in", "columns", "input_names"]);
  const shaped = inputs.map((tensor) => {
    const dtype = requireDtype(tensor);
    const dims = shapeOfRow(tensor);
    if (dims.includes(null)) drafted.guessed ??= tensor.name;
    // A row whose length is not said has one value, or as many as the file names.
    return { tensor, dtype, dims: dims.map((size) => size ?? (inputs.length === 1 && dims.length === 1 ? (names?.length ?? 1) : 1)) };
  });
  const widths = new Map(shaped.map(({ tensor, dims }) => [tensor.name, dims.reduce((product, dim) => product * dim, 1)]));
  const small = new Map([...widths].filter(([, width]) => width <= MOST_FIELDS));
  const categories = findCategories(facts, small);
  const single = shaped.length === 1;
  const total = [...widths.values()].reduce((sum, width) => sum + width, 0);
  const isNamed = names?.length === total;
  let first = 0;
  const name = createNamer();
  for (const { tensor, dtype, dims } of shaped) {
    const size = dtype === "string" || dtype === "bool" ? null : imageSize(dims);
    const width = widths.get(tensor.name) ?? 1;
    const drafting = { drafted, name, categories, columns: isNamed ? names.slice(first, first + width) : null, single };
    first += width;
    if (size) draftImage(tensor, dtype, dims, size, drafting);
    else draftColumns(tensor, dtype, dims, drafting);
  }
  return drafted;
}
