import { InlineCode } from "@/components/docs/inline-code";
import { Icon } from "@/components/ui/icon";
import type { ParameterView } from "@/lib/openapi-view";

/** What is wrong with a field, right under it. */
export function FieldFault({ id, text }: { id: string; text: string }) {
  return (
    <p id={id} className="field-error" role="alert">
      <Icon name="alert" size={14} />
      <span>{text}</span>
    </p>
  );
}

interface ParameterFieldProps {
  /** Unique on the page. */
  id: string;
  parameter: ParameterView;
  value: string;
  fault: string | undefined;
  onChange: (value: string) => void;
}

/** One parameter of a call, typed or chosen. */
function ParameterField({ id, parameter, value, fault, onChange }: ParameterFieldProps) {
  const { name, place, required, text, type, limits, choices } = parameter;
  const control = {
    id,
    value,
    "aria-required": required,
    "aria-invalid": fault !== undefined,
    "aria-describedby": `${id}-help${fault ? ` ${id}-fault` : ""}`,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return (
    <div className="field">
      <label htmlFor={id} className="field-label">
        <code>{name}</code>
      </label>
      <div className="input" data-invalid={fault !== undefined}>
        {choices.length > 0 ? (
          <select {...control}>
            {!required && <option value="">Any</option>}
            {choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        ) : (
          <input type="text" autoComplete="off" spellCheck={false} {...control} />
        )}
      </div>
      {fault && <FieldFault id={`${id}-fault`} text={fault} />}
      <p id={`${id}-help`} className="help">
        {[place, type, limits, required && "required"].filter(Boolean).join(", ")}
        {text && <>. <InlineCode text={text} /></>}
      </p>
    </div>
  );
}

interface ParameterFieldsProps {
  parameters: ParameterView[];
  values: Record<string, string>;
  faults: Map<string, string>;
  /** The id of a parameter's control on the page. */
  idOf: (name: string) => string;
  onChange: (name: string, value: string) => void;
}

/** Some parameters of a call beside each other; nothing when there are none. */
export function ParameterFields({ parameters, values, faults, idOf, onChange }: ParameterFieldsProps) {
  if (parameters.length === 0) return null;
  return (
    <div className="fields">
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          id={idOf(parameter.name)}
          parameter={parameter}
          value={values[parameter.name] ?? ""}
          fault={faults.get(parameter.name)}
          onChange={(value) => onChange(parameter.name, value)}
        />
      ))}
    </div>
  );
}
