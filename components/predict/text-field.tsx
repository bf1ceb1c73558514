import type { ControlProps } from "@/components/predict/field";
import type { TextField as TextFieldSchema } from "@/lib/contracts/model-schema";
import { formatNumber } from "@/lib/format";

/** Free text, with a count of the characters that are left to use. */
export function TextField({ field, id, name, value, invalid, describedBy, onChange }: ControlProps<TextFieldSchema>) {
  const text = String(value);
  const shared = { id, name, value: text, placeholder: field.placeholder, "aria-invalid": invalid, "aria-describedby": describedBy };
  if (!field.multiline) {
    return (
      <div className="input" data-invalid={invalid}>
        <input {...shared} onChange={(event) => onChange(event.target.value, false)} />
      </div>
    );
  }
  return (
    <>
      <div className="input input-area" data-invalid={invalid}>
        <textarea {...shared} rows={9} onChange={(event) => onChange(event.target.value, false)} />
      </div>
      <p className="help tabular text-right">
        {formatNumber([...text].length)} of {formatNumber(field.maxLength)} characters
      </p>
    </>
  );
}
