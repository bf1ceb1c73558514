import type { ReactNode } from "react";
import { Icon } from "@/components/ui/icon";
import { ChoiceField, isShortChoice, isWideChoice } from "@/components/predict/choice-field";
import { ImageField } from "@/components/predict/image-field";
import { NumberField } from "@/components/predict/number-field";
import { TextField } from "@/components/predict/text-field";
import type { FormValue } from "@/lib/case-url";
import type { InputField } from "@/lib/contracts/model-schema";

/** What every control gets: its value as typed, what it was at the last answer, and whom to tell. */
export interface ControlProps<Field extends InputField> {
  field: Field;
  id: string;
  /** In a model's own form the field's name: pressed before the scripts have run, Predict sends the form as the case's address. */
  name: string;
  value: FormValue;
  /** The value that the answer before was for; drawn as a mark where there is a scale. */
  was: FormValue | undefined;
  invalid: boolean;
  describedBy: string | undefined;
  /** `settled` is false while a slider is being dragged. */
  onChange: (value: FormValue, settled?: boolean) => void;
}

interface FieldProps {
  field: InputField;
  /** Keeps ids apart where several forms stand on one page. */
  scope?: string;
  value: FormValue;
  was: FormValue | undefined;
  error: string | undefined;
  onChange: (value: FormValue, settled?: boolean) => void;
}

const OWN_FORM = "field";

/** How much of a row a field takes. */
function spanOf(field: InputField): "full" | undefined {
  if (field.type === "text" || field.type === "image") return "full";
  return field.type === "category" && isWideChoice(field) ? "full" : undefined;
}

function renderControl(field: InputField, shared: Omit<ControlProps<InputField>, "field">): ReactNode {
  if (field.type === "category") return <ChoiceField field={field} {...shared} />;
  if (field.type === "text") return <TextField field={field} {...shared} />;
  if (field.type === "image") return <ImageField field={field} {...shared} />;
  return <NumberField field={field} {...shared} />;
}

/** One field of a model's form: its label, the control that suits it, its help, and what is wrong with it. */
export function Field({ field, scope = OWN_FORM, value, was, error, onChange }: FieldProps) {
  const id = `${scope}-${field.name}`;
  const name = scope === OWN_FORM ? field.name : id;
  const notes = [error && `${id}-error`, field.help && `${id}-help`].filter(Boolean).join(" ") || undefined;
  const labelled = !(field.type === "category" && isShortChoice(field)) && field.type !== "image";
  return (
    <div className="field" data-span={spanOf(field)} data-field={field.name}>
      {labelled ? (
        <label className="field-label" htmlFor={id}>
          {field.label}
        </label>
      ) : (
        <span className="field-label" id={`${id}-label`}>
          {field.label}
        </span>
      )}
      {renderControl(field, { id, name, value, was, invalid: error !== undefined, describedBy: notes, onChange })}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          <Icon name="alert" size={14} />
          {error}
        </p>
      )}
      {field.help && (
        <p className="help" id={`${id}-help`}>
          {field.help}
        </p>
      )}
    </div>
  );
}
