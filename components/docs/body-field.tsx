import { FieldFault } from "@/components/docs/parameter-field";
import type { BodyView } from "@/lib/openapi-view";

/** The text area grows with its text between these numbers of lines. */
const LINES = { least: 4, most: 20 };

interface BodyFieldProps {
  /** Unique on the page. */
  id: string;
  body: BodyView;
  value: string;
  fault: string | undefined;
  onChange: (value: string) => void;
}

/** The body of a call as JSON text, started from one of the document's examples. */
export function BodyField({ id, body: { examples }, value, fault, onChange }: BodyFieldProps) {
  const lines = Math.min(LINES.most, Math.max(LINES.least, value.split("\n").length));
  const chosen = examples.findIndex(({ json }) => json === value);
  return (
    <>
      {examples.length > 1 && (
        <div className="field">
          <label htmlFor={`${id}-example`} className="field-label">
            Example
          </label>
          <div className="input">
            <select id={`${id}-example`} value={chosen} onChange={(event) => onChange(examples[Number(event.target.value)]?.json ?? value)}>
              {chosen === -1 && <option value={-1}>Your own</option>}
              {examples.map(({ title, json }, index) => (
                <option key={json} value={index}>
                  {title}
                </option>
              ))}
            </select>
          </div>
        </div>
      )}
      <div className="field">
        <label htmlFor={id} className="field-label">
          Body
        </label>
        <div className="input input-area" data-invalid={fault !== undefined}>
          <textarea
            id={id}
            className="body-text"
            rows={lines}
            spellCheck={false}
            value={value}
            aria-invalid={fault !== undefined}
            aria-describedby={`${id}-help${fault ? ` ${id}-fault` : ""}`}
            onChange={(event) => onChange(event.target.value)}
          />
        </div>
        {fault && <FieldFault id={`${id}-fault`} text={fault} />}
        <p id={`${id}-help`} className="help">
          JSON, sent as it stands
        </p>
      </div>
    </>
  );
}
