import type { InputField } from "@/lib/contracts/model-schema";
import type { Warning } from "@/lib/contracts/predict";

function labelOf(fields: InputField[], pointer: string): string {
  const name = pointer.split("/").at(-1);
  return fields.find((field) => field.name === name)?.label ?? "A value";
}

/** What the reader should know about an answer: which inputs lie outside what the model was trained on. */
export function AnswerWarnings({ warnings, fields }: { warnings: Warning[]; fields: InputField[] }) {
  return warnings.map((warning) => (
    <div key={warning.pointer} className="note note-warn">
      <p>
        <b>{labelOf(fields, warning.pointer)}</b> lies outside what the model was trained on. {warning.detail}
      </p>
    </div>
  ));
}
