/** A stored prediction as it is told: the answer in a few words, its inputs by their labels, and what differs between two. */
import { viewAnswer } from "@/lib/answer-view";
import { toFormValues } from "@/lib/case-url";
import type { InputField, OutputField } from "@/lib/contracts/model-schema";
import type { Answer, FieldValue, PredictionOutput, Row } from "@/lib/contracts/predict";
import { formatNumber } from "@/lib/format";

const MINUS = "\u2212";

/** What can be said of an answer whose model is not there any more. */
function sayBare(answer: Answer): string {
  if ("probabilities" in answer) return String(answer.label);
  if ("value" in answer) return `${formatNumber(answer.value, 4)} ${answer.unit}`.trim();
  return `${answer.values.length} values`;
}

/** An answer in a few words, e.g. `76.6 % Leaves`, `$217,910`, `7`; several outputs with commas between. */
export function sayAnswer(outputs: OutputField[], output: PredictionOutput): string {
  const words = Object.entries(output).map(([name, answer]) => {
    const field = outputs.find((candidate) => candidate.name === name);
    const view = field && viewAnswer(field, answer);
    return view ? [view.figure, view.suffix, view.of].filter(Boolean).join(" ") : sayBare(answer);
  });
  return words.join(", ");
}

/** A number as it was typed: without the noise of 32 bits, without separators (years are numbers too), with a real minus. */
function sayNumber(value: number, unit: string | undefined): string {
  const text = String(toFormValues({ value })["value"]).replace("-", MINUS);
  if (unit === "$") return value < 0 ? `${MINUS}$${text.slice(1)}` : `$${text}`;
  return unit ? `${text} ${unit}` : text;
}

/** A value of a field in words; for an image its size. */
export function sayValue(field: InputField | undefined, value: FieldValue): string {
  if (Array.isArray(value)) return field?.type === "image" ? `${field.width} × ${field.height} pixels` : `${value.length} values`;
  if (field?.type === "category") {
    return field.categories.find((category) => String(category.value) === String(value))?.label ?? String(value);
  }
  if (typeof value !== "number") return value;
  return sayNumber(value, field?.type === "integer" || field?.type === "number" ? field.unit : undefined);
}

export interface InputView {
  name: string;
  label: string;
  group: string | undefined;
  value: FieldValue;
  text: string;
  image: { width: number; height: number } | undefined;
  /** Whether it is a text to be read rather than a value to be looked up. */
  long: boolean;
}

const LONG_TEXT = 60;

/** The inputs of a prediction in the order of the schema; what the schema does not know comes last, by its name. */
export function viewInputs(fields: InputField[], input: Row): InputView[] {
  const known = fields.filter((field) => Object.hasOwn(input, field.name)).map((field) => ({ name: field.name, field }));
  const unknown = Object.keys(input).filter((name) => !fields.some((field) => field.name === name));
  return [...known, ...unknown.map((name) => ({ name, field: undefined }))].flatMap(({ name, field }) => {
    const value = input[name];
    if (value === undefined) return [];
    const text = sayValue(field, value);
    const image = field?.type === "image" ? { width: field.width, height: field.height } : undefined;
    return [{ name, label: field?.label ?? name, group: field?.group, value, text, image, long: text.length > LONG_TEXT }];
  });
}

function isSame(one: FieldValue | undefined, other: FieldValue | undefined): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

export interface InputPair {
  name: string;
  label: string;
  one: InputView | undefined;
  other: InputView | undefined;
  differs: boolean;
  /** By how much a number changed, with its sign; empty where there is nothing to subtract. */
  change: string;
}

function sayChange(one: FieldValue | undefined, other: FieldValue | undefined, unit: string | undefined): string {
  if (typeof one !== "number" || typeof other !== "number" || one === other) return "";
  const difference = Number((other - one).toPrecision(7));
  return `${difference < 0 ? MINUS : "+"}${sayNumber(Math.abs(difference), unit)}`;
}

/** Two predictions' inputs, field by field. Numbers of categories are names, so they are not subtracted. */
export function pairInputs(fields: InputField[], one: InputView[], other: InputView[]): InputPair[] {
  const find = (views: InputView[], name: string) => views.find((view) => view.name === name);
  const names = [...one.map((view) => view.name), ...other.map((view) => view.name).filter((name) => !find(one, name))];
  return names.map((name) => {
    const [left, right] = [find(one, name), find(other, name)];
    const field = fields.find((candidate) => candidate.name === name);
    const isNumeric = field?.type === "integer" || field?.type === "number";
    const change = isNumeric ? sayChange(left?.value, right?.value, field.unit) : "";
    const label = left?.label ?? right?.label ?? name;
    return { name, label, one: left, other: right, differs: !isSame(left?.value, right?.value), change };
  });
}

/** JSON to be read: lists of numbers, such as a picture's, stay on one line. */
export function writeJson(value: unknown): string {
  const joinList = (list: string) => list.replaceAll(/\s+/g, " ").replace("[ ", "[").replace(" ]", "]");
  return JSON.stringify(value, null, 2).replaceAll(/\[[\s\d.,eE+-]+\]/g, joinList);
}
