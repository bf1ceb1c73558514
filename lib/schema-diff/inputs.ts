import type {
  CategoryField,
  ImageField,
  InputField,
  InputTensor,
  IntegerField,
  ModelSchema,
  NumberField,
  TextField,
} from "@/lib/contracts/model-schema";
import { changeOf, diffValues, pointTo, type SchemaChange, show } from "@/lib/schema-diff/change";

type Numeric = IntegerField | NumberField;
type Dtype = InputTensor["dtype"];

/** How many values a whole-number tensor takes, by its type; others take any number. */
const WHOLE: Partial<Record<Dtype, { bits: number; words: string }>> = {
  bool: { bits: 1, words: "0 and 1 only" },
  uint8: { bits: 8, words: "whole numbers from 0 to 255 only" },
  int32: { bits: 32, words: "whole numbers of 32 bits only" },
  int64: { bits: 53, words: "whole numbers only" },
};
const ANY_NUMBER = { bits: Infinity, words: "any number" };

const isNumeric = (field: InputField): field is Numeric => field.type === "integer" || field.type === "number";

/** What a customer must know to be understood: every type but the two kinds of number is one of its own. */
const typeOf = (field: InputField) => (isNumeric(field) ? "number" : field.type);

function acceptedBy(field: Numeric, dtype: Dtype | undefined) {
  const whole = dtype && WHOLE[dtype];
  if (whole) return whole;
  return field.type === "integer" ? { bits: 53, words: "whole numbers only" } : ANY_NUMBER;
}

function defaultOf(field: InputField): string | number | undefined {
  return field.type === "image" ? undefined : field.default;
}

/** Whether a call that leaves the field out is refused. */
function isNeeded(field: InputField): boolean {
  return field.required && defaultOf(field) === undefined;
}

interface Pair<Field> {
  before: Field;
  after: Field;
  name: string;
}

/** The types of the tensors that a field fills, where it fills one. */
interface Dtypes {
  before: Dtype | undefined;
  after: Dtype | undefined;
}

function diffNumeric({ before, after, name }: Pair<Numeric>, dtypes: Dtypes): SchemaChange[] {
  const [old, now] = [acceptedBy(before, dtypes.before), acceptedBy(after, dtypes.after)];
  const range = ({ min, max, step }: Numeric) => [min, max, step];
  const [low, high] = range(after);
  return [
    ...changeOf(old.bits, now.bits, () => {
      const words = `Takes ${now.words}, before ${old.words}.`;
      return { pointer: pointTo("inputs", name, "type"), kind: "type", words, breaking: now.bits < old.bits };
    }),
    ...changeOf(range(before), range(after), () => {
      const words = `The training range is ${show(low)} to ${show(high)}, before ${show(before.min)} to ${show(before.max)}.`;
      return { pointer: pointTo("inputs", name, "range"), kind: "range", words, breaking: false };
    }),
    ...changeOf(before.unit, after.unit, () => {
      const words = `The unit is ${show(after.unit)}, before ${show(before.unit)}.`;
      return { pointer: pointTo("inputs", name, "unit"), kind: "unit", words, breaking: false };
    }),
  ];
}

function diffCategories({ before, after, name }: Pair<CategoryField>): SchemaChange[] {
  const at = (value: string | number) => pointTo("inputs", name, "categories", value);
  return diffValues(before.categories, after.categories, { kind: "category", noun: "Category", at, addingBreaks: false });
}

function diffText({ before, after, name }: Pair<TextField>): SchemaChange[] {
  const longest = changeOf(before.maxLength, after.maxLength, () => {
    const words = `The longest text has ${after.maxLength} characters, before ${before.maxLength}.`;
    return { pointer: pointTo("inputs", name, "maxLength"), kind: "length", words, breaking: after.maxLength < before.maxLength };
  });
  const shortest = changeOf(before.minLength, after.minLength, () => {
    const words = `The shortest text has ${after.minLength} characters, before ${before.minLength}.`;
    return { pointer: pointTo("inputs", name, "minLength"), kind: "length", words, breaking: after.minLength > before.minLength };
  });
  return [...longest, ...shortest];
}

function diffImage({ before, after, name }: Pair<ImageField>): SchemaChange[] {
  const size = ({ width, height, channels }: ImageField) => `${width} × ${height}, ${channels} channel${channels === 1 ? "" : "s"}`;
  return changeOf(size(before), size(after), () => {
    const words = `The picture is ${size(after)}, before ${size(before)}.`;
    return { pointer: pointTo("inputs", name, "size"), kind: "size", words, breaking: true };
  });
}

/** What every kind of field has: whether it may be left out, what it then is, how it is called. */
function diffCommon({ before, after, name }: Pair<InputField>): SchemaChange[] {
  const wording = ({ label, help, group }: InputField) => [label, help, group];
  const [wasNeeded, needed] = [isNeeded(before), isNeeded(after)];
  const must = changeOf(wasNeeded, needed, () => {
    const words = needed ? "Must be sent; it could be left out before." : "May be left out; it had to be sent before.";
    return { pointer: pointTo("inputs", name, "required"), kind: "required", words, breaking: needed };
  });
  const meaning = needed || wasNeeded ? [] : changeOf(defaultOf(before), defaultOf(after), () => {
    const words = `Left out it is ${show(defaultOf(after))}, before ${show(defaultOf(before))}.`;
    return { pointer: pointTo("inputs", name, "default"), kind: "default", words, breaking: false };
  });
  const said = changeOf(wording(before), wording(after), () => {
    return { pointer: pointTo("inputs", name), kind: "wording", words: "Label, group or help read differently.", breaking: false };
  });
  return [...must, ...meaning, ...said];
}

function diffField(pair: Pair<InputField>, dtypes: Dtypes): SchemaChange[] {
  const { before, after, name } = pair;
  const common = diffCommon(pair);
  if (isNumeric(before) && isNumeric(after)) return [...diffNumeric({ before, after, name }, dtypes), ...common];
  if (before.type === "category" && after.type === "category") return [...diffCategories({ before, after, name }), ...common];
  if (before.type === "text" && after.type === "text") return [...diffText({ before, after, name }), ...common];
  if (before.type === "image" && after.type === "image") return [...diffImage({ before, after, name }), ...common];
  const words = `The type is ${typeOf(after)}, before ${typeOf(before)}.`;
  return [{ pointer: pointTo("inputs", name, "type"), kind: "type", words, breaking: true }, ...common];
}

/** The type of tensor that each field fills: it decides which numbers are taken. */
function dtypesOf({ tensors }: ModelSchema): Map<string, Dtype> {
  return new Map(tensors.inputs.flatMap(({ dtype, fields }) => fields.map((name) => [name, dtype] as const)));
}

/** Differences of the inputs, in the order of the new schema; fields that are gone come last. */
export function diffInputs(before: ModelSchema, after: ModelSchema): SchemaChange[] {
  const old = new Map(before.inputs.map((field) => [field.name, field]));
  const names = new Set(after.inputs.map(({ name }) => name));
  const [oldTypes, newTypes] = [dtypesOf(before), dtypesOf(after)];
  const kept = after.inputs.flatMap((field): SchemaChange[] => {
    const { name } = field;
    const known = old.get(name);
    if (known) return diffField({ before: known, after: field, name }, { before: oldTypes.get(name), after: newTypes.get(name) });
    const needed = isNeeded(field);
    const words = needed ? "Is new and must be sent." : "Is new and may be left out.";
    return [{ pointer: pointTo("inputs", name), kind: "added", words, breaking: needed }];
  });
  const gone = before.inputs.filter(({ name }) => !names.has(name));
  return [
    ...kept,
    ...gone.map(({ name }): SchemaChange => {
      const words = "Is gone; a call that still sends it is refused.";
      return { pointer: pointTo("inputs", name), kind: "removed", words, breaking: true };
    }),
  ];
}
