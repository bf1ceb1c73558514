import { isShortChoice } from "@/components/predict/choice-field";
import { Field } from "@/components/predict/field";
import type { FormValue, FormValues } from "@/lib/case-url";
import type { InputField } from "@/lib/contracts/model-schema";

/** From this many fields on, every group but the first is folded. */
const FOLD_FROM = 20;

interface ModelFormProps {
  fields: InputField[];
  values: FormValues;
  /** The values of the answer before. */
  was: FormValues | undefined;
  errors: Record<string, string>;
  onChange: (name: string, value: FormValue, settled?: boolean) => void;
}

interface Group {
  title: string | undefined;
  fields: InputField[];
}

/** Fields stay in the order of the schema; neighbours of one group share a heading. */
function toGroups(fields: InputField[]): Group[] {
  const groups: Group[] = [];
  for (const field of fields) {
    const last = groups.at(-1);
    if (last && last.title === field.group) last.fields.push(field);
    else groups.push({ title: field.group, fields: [field] });
  }
  return groups;
}

/** A group of yes-or-no questions alone stands three to a row. */
function isYesOrNo(group: Group): boolean {
  return group.fields.length > 2 && group.fields.every((field) => field.type === "category" && field.categories.length === 2 && isShortChoice(field));
}

/** The form of a model, made from its schema. */
export function ModelForm({ fields, values, was, errors, onChange }: ModelFormProps) {
  const groups = toGroups(fields);
  const folds = fields.length >= FOLD_FROM;
  return groups.map((group, index) => {
    const content = (
      <div className="fields" data-columns={isYesOrNo(group) ? 3 : 2}>
        {group.fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            was={was?.[field.name]}
            error={errors[field.name]}
            onChange={(value, settled) => onChange(field.name, value, settled)}
          />
        ))}
      </div>
    );
    const wrong = group.fields.some((field) => errors[field.name] !== undefined);
    if (!folds) {
      return (
        <div key={group.title ?? index} className="group">
          {group.title && <h2 className="group-title">{group.title}</h2>}
          {content}
        </div>
      );
    }
    return (
      <details key={group.title ?? index} className="group" open={index === 0 || wrong || undefined}>
        <summary className="group-title cursor-pointer">
          {group.title ?? "More"} <span className="font-normal text-ink-3">{group.fields.length} fields</span>
        </summary>
        {content}
      </details>
    );
  });
}
