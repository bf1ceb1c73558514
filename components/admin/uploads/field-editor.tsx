"use client";

import { CategoryList } from "@/components/admin/uploads/category-list";
import { NameInput, NumberInput, SelectInput, TextInput } from "@/components/admin/uploads/controls";
import { faultOfName } from "@/components/admin/uploads/draft-problems";
import { type FieldType, retypeField, typesFor } from "@/components/admin/uploads/schema-edits";
import type { CategoryField, InputField, InputTensor, IntegerField, NumberField, TextField } from "@/lib/contracts/model-schema";

const typeWords: Record<FieldType, string> = {
  number: "Number",
  integer: "Whole number",
  category: "One of a few categories",
  text: "Text",
  image: "Picture",
};

/** What is wrong, by the part of the field it is about. */
export type Faults = Readonly<Record<string, string>>;

interface PartsProps<Field extends InputField> {
  field: Field;
  /** Where the field is: `inputs/3`. */
  place: string;
  faults: Faults;
  onChange: (field: Field) => void;
}

/** Nothing, where nothing was written. */
const orNothing = (text: string) => (text === "" ? undefined : text);

function NumericParts({ field, place, faults, onChange }: PartsProps<IntegerField | NumberField>) {
  const whole = field.type === "integer";
  return (
    <>
      <TextInput
        label="Unit"
        place={`${place}/unit`}
        value={field.unit ?? ""}
        maxLength={20}
        error={faults["unit"]}
        onChange={(unit) => onChange({ ...field, unit: orNothing(unit) })}
      />
      <NumberInput
        label="Smallest"
        place={`${place}/min`}
        value={field.min}
        error={faults["min"]}
        onChange={(min) => onChange({ ...field, min })}
      />
      <NumberInput
        label="Largest"
        place={`${place}/max`}
        value={field.max}
        error={faults["max"]}
        help="Seen in training: other values are warned of, not refused."
        onChange={(max) => onChange({ ...field, max })}
      />
      <NumberInput
        label="Step"
        place={`${place}/step`}
        value={field.step}
        error={faults["step"]}
        onChange={(step) => onChange({ ...field, step })}
      />
      <NumberInput
        label="Default"
        place={`${place}/default`}
        value={field.default}
        whole={whole}
        error={faults["default"]}
        help="Stands in when it is left out. Empty: it must be sent."
        onChange={(value) => onChange({ ...field, default: value })}
      />
    </>
  );
}

function CategoryParts({ field, place, faults, numeric, onChange }: PartsProps<CategoryField> & { numeric: boolean }) {
  const known = field.categories.map(({ value, label }) => ({ value: String(value), label: `${label} (${value})` }));
  const isGone = field.default !== undefined && !field.categories.some(({ value }) => value === field.default);
  const gone = isGone ? [{ value: String(field.default), label: "One that is gone" }] : [];
  const setDefault = (text: string) => {
    const chosen = field.categories.find(({ value }) => String(value) === text)?.value;
    onChange({ ...field, default: chosen });
  };
  return (
    <>
      <SelectInput
        label="Default"
        place={`${place}/default`}
        value={field.default === undefined ? "" : String(field.default)}
        options={[{ value: "", label: "None: it must be sent" }, ...gone, ...known]}
        error={faults["default"]}
        onChange={setDefault}
      />
      <CategoryList
        noun="category"
        of={field.name}
        place={`${place}/categories`}
        values={field.categories}
        error={faults["categories"]}
        numeric={numeric}
        onChange={(categories) => onChange({ ...field, categories })}
      />
    </>
  );
}

function TextParts({ field, place, faults, onChange }: PartsProps<TextField>) {
  return (
    <>
      <NumberInput
        label="Fewest characters"
        place={`${place}/minLength`}
        value={field.minLength}
        whole
        error={faults["minLength"]}
        onChange={(minLength) => onChange({ ...field, minLength: minLength ?? 0 })}
      />
      <NumberInput
        label="Most characters"
        place={`${place}/maxLength`}
        value={field.maxLength}
        whole
        error={faults["maxLength"]}
        onChange={(maxLength) => onChange({ ...field, maxLength: maxLength ?? 6_000 })}
      />
      <TextInput
        label="Hint inside the empty field"
        place={`${place}/placeholder`}
        value={field.placeholder ?? ""}
        maxLength={200}
        error={faults["placeholder"]}
        onChange={(placeholder) => onChange({ ...field, placeholder: orNothing(placeholder) })}
      />
      <label className="check self-end">
        <input type="checkbox" checked={field.multiline} onChange={(event) => onChange({ ...field, multiline: event.target.checked })} />
        Several lines
      </label>
    </>
  );
}

function TypeParts({ field, dtype, ...rest }: PartsProps<InputField> & { dtype: InputTensor["dtype"] }) {
  if (field.type === "integer" || field.type === "number") return <NumericParts field={field} {...rest} />;
  if (field.type === "category") return <CategoryParts field={field} numeric={dtype !== "string"} {...rest} />;
  if (field.type === "text") return <TextParts field={field} {...rest} />;
  return <p className="help self-end">A grey picture of {`${field.width} × ${field.height}`}.</p>;
}

interface FieldEditorProps extends PartsProps<InputField> {
  tensor: InputTensor | undefined;
  /** Names that are taken. */
  readOthers: () => string[];
  onRename: (name: string) => void;
}

interface TypeInputProps extends Omit<PartsProps<InputField>, "faults"> {
  tensor: InputTensor | undefined;
  error: string | undefined;
}

function TypeInput({ field, place, tensor, error, onChange }: TypeInputProps) {
  const types = typesFor(tensor);
  const column = field.tensor.index === undefined ? "" : `, column ${field.tensor.index + 1}`;
  const retype = (wanted: string) => {
    const type = types.find((known) => known === wanted);
    if (type) onChange(retypeField(field, type, tensor?.dtype ?? "float32"));
  };
  return (
    <SelectInput
      label="Type"
      place={`${place}/type`}
      value={field.type}
      options={types.map((type) => ({ value: type, label: typeWords[type] }))}
      error={error}
      help={tensor && `Fills ${tensor.name} (${tensor.dtype})${column}.`}
      onChange={retype}
    />
  );
}

/** Words about a field that only people read. */
function WordParts({ field, place, onChange }: Omit<PartsProps<InputField>, "faults">) {
  return (
    <>
      <TextInput
        label="Group"
        place={`${place}/group`}
        value={field.group ?? ""}
        maxLength={60}
        help="Neighbours of one group share a heading."
        onChange={(group) => onChange({ ...field, group: orNothing(group) })}
      />
      <TextInput
        label="Help"
        place={`${place}/help`}
        value={field.help ?? ""}
        maxLength={400}
        wide
        help="Stands under the field."
        onChange={(help) => onChange({ ...field, help: orNothing(help) })}
      />
      <label className="check" data-span="full">
        <input type="checkbox" checked={field.required} onChange={(event) => onChange({ ...field, required: event.target.checked })} />
        Must have a value: sent, or the default
      </label>
    </>
  );
}

/** Everything that can be written about one field. */
export function FieldEditor({ field, place, faults, tensor, readOthers, onRename, onChange }: FieldEditorProps) {
  return (
    <div className="draft-fields">
      {faults["name"] !== undefined && (
        <p className="field-error" data-span="full">
          {faults["name"]}
        </p>
      )}
      <NameInput
        label="Name"
        place={`${place}/name`}
        value={field.name}
        maxLength={64}
        help="What programs send it as."
        check={(name) => faultOfName(name, readOthers())}
        onChange={onRename}
      />
      <TextInput
        label="Label"
        place={`${place}/label`}
        value={field.label}
        maxLength={80}
        error={faults["label"]}
        help="What people read."
        onChange={(label) => onChange({ ...field, label })}
      />
      <TypeInput field={field} place={place} tensor={tensor} error={faults["type"]} onChange={onChange} />
      <TypeParts field={field} dtype={tensor?.dtype ?? "float32"} place={place} faults={faults} onChange={onChange} />
      <WordParts field={field} place={place} onChange={onChange} />
    </div>
  );
}
