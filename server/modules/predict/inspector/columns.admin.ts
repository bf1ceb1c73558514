import "server-only";
import type { CategoryField, InputField, IntegerField, NumberField, TextField } from "@/lib/contracts/model-schema";

/** Text with more values than this is free text. */
const MOST_TEXT_CATEGORIES = 50;
/** A text with few values in fewer rows than this says nothing about which values there are. */
const ROWS_FOR_CATEGORIES = 20;
/** Finer steps than a millionth are no help to anybody. */
const FINEST_DECIMALS = 6;
const NAMED = 5;

/** What the cells of a column say about its field: the field with it, and a sentence. */
export interface FieldFound {
  field: InputField;
  detail: string;
}

/** The values with how often each is there, most frequent first. */
function countValues(cells: string[]): [value: string, count: number][] {
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1));
}

function decimalsOf(cell: string): number {
  return /e/i.test(cell) ? 0 : (cell.split(".")[1]?.replace(/0+$/, "").length ?? 0);
}

const withoutValue = (count: number) => (count === 0 ? "" : ` ${count} ${count === 1 ? "row has" : "rows have"} no value.`);

function describeNumbers(field: IntegerField | NumberField, cells: string[]): FieldFound {
  const filled = cells.filter((cell) => cell.trim() !== "" && Number.isFinite(Number(cell)));
  const values = filled.map(Number).sort((one, other) => one - other);
  const [min] = values;
  const max = values.at(-1);
  if (min === undefined || max === undefined) return { field, detail: "The column holds no numbers; the field stays as it was." };
  const decimals = field.type === "integer" ? 0 : Math.min(FINEST_DECIMALS, Math.max(...new Set(filled.map(decimalsOf))));
  const median = values[Math.floor(values.length / 2)] ?? min;
  const step = Number((10 ** -decimals).toFixed(decimals));
  const { sliderStep, ...rest } = field;
  const keepsSlider = sliderStep !== undefined && sliderStep >= step && sliderStep <= (max - min) / 10;
  const described = {
    ...rest,
    min,
    max,
    step,
    default: field.type === "integer" ? Math.round(median) : median,
    ...(keepsSlider && { sliderStep }),
  };
  const missing = withoutValue(cells.length - filled.length);
  return { field: described, detail: `From ${min} to ${max}, half of the rows up to ${median}, in steps of ${step}.${missing}` };
}

function describeCategories(field: CategoryField, cells: string[]): FieldFound {
  const byText = new Map(field.categories.map(({ value }) => [String(value), value]));
  const toValue = (cell: string) => byText.get(cell) ?? (cell.trim() === "" ? undefined : byText.get(String(Number(cell))));
  const counted = countValues(cells);
  const [frequent] = counted.map(([cell]) => toValue(cell)).filter((value) => value !== undefined);
  const unknown = counted.filter(([cell]) => cell !== "" && toValue(cell) === undefined).map(([cell]) => cell);
  const named = unknown
    .slice(0, NAMED)
    .map((cell) => JSON.stringify(cell.slice(0, 40)))
    .join(", ");
  const strange =
    unknown.length === 0 ? "" : ` ${unknown.length} that the model does not know: ${named}${unknown.length > NAMED ? ", …" : ""}.`;
  if (frequent === undefined) return { field, detail: `None of its ${field.categories.length} values is in the column.${strange}` };
  const seen = counted.filter(([cell]) => toValue(cell) !== undefined).length;
  const detail = `${seen} of its ${field.categories.length} values, ${JSON.stringify(frequent)} most often.${strange}`;
  return { field: { ...field, default: frequent }, detail };
}

function describeText(field: TextField, cells: string[]): FieldFound {
  const counted = countValues(cells.filter((cell) => cell !== ""));
  const [first] = counted;
  const fewValues =
    counted.length >= 2 &&
    counted.length <= MOST_TEXT_CATEGORIES &&
    cells.length >= ROWS_FOR_CATEGORIES &&
    counted.length * 4 <= cells.length;
  if (first && fewValues && !field.multiline) {
    const { name, label, group, help, required, tensor } = field;
    const common = { name, label, required, tensor, ...(group !== undefined && { group }), ...(help !== undefined && { help }) };
    const values = counted.map(([value]) => value).sort();
    const categories = values.map((value) => ({ value, label: value }));
    return {
      field: { ...common, type: "category", categories, default: first[0] },
      detail: `${values.length} values: the field is a choice now, ${JSON.stringify(first[0].slice(0, 40))} most often.`,
    };
  }
  const longest = cells.reduce((length, cell) => Math.max(length, [...cell].length), 0);
  return { field, detail: `Free text of up to ${longest} characters; the field stays as it was.` };
}

/** What a column of training rows says about the field it belongs to. */
export function describeColumn(field: InputField, cells: string[]): FieldFound {
  if (field.type === "category") return describeCategories(field, cells);
  if (field.type === "text") return describeText(field, cells);
  if (field.type === "image") return { field, detail: "Images cannot be read from a table; the field stays as it was." };
  return describeNumbers(field, cells);
}
