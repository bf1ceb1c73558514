"use client";

import { TextInput } from "@/components/admin/uploads/controls";
import type { DraftParts } from "@/components/admin/uploads/draft-parts";
import type { DraftStore } from "@/components/admin/uploads/draft-store";
import { Card } from "@/components/ui/card";
import type { DraftExample } from "@/lib/contracts/inspection.admin";

interface CasesEditorProps {
  store: DraftStore;
  parts: DraftParts;
  onShow: (row: DraftExample["input"]) => void;
}

interface CaseRowProps {
  example: DraftExample;
  place: string;
  onChange: (changed: Partial<DraftExample>) => void;
  onShow: () => void;
  onRemove: () => void;
}

function CaseRow({ example, place, onChange, onShow, onRemove }: CaseRowProps) {
  return (
    <li className="grid gap-2">
      <div className="draft-fields !p-0">
        <TextInput
          label="Case"
          place={`${place}/name`}
          value={example.name}
          maxLength={80}
          error={example.name.trim() === "" ? "Every case needs a name." : undefined}
          onChange={(name) => onChange({ name })}
        />
        <TextInput
          label="In a sentence"
          place={`${place}/description`}
          value={example.description}
          maxLength={400}
          onChange={(description) => onChange({ description })}
        />
      </div>
      <div className="flex gap-2">
        <button type="button" className="btn btn-small" aria-label={`Put into the form: ${example.name}`} onClick={onShow}>
          Put into the form
        </button>
        <button type="button" className="btn btn-small" aria-label={`Remove: ${example.name}`} onClick={onRemove}>
          Remove
        </button>
      </div>
    </li>
  );
}

/** The cases that the customers' page offers to start from; the first one is what it opens with. */
export function CasesEditor({ store, parts: { examples }, onShow }: CasesEditorProps) {
  const change = (index: number, changed: Partial<DraftExample>) =>
    store.change((parts) => ({ examples: parts.examples.map((example, at) => (at === index ? { ...example, ...changed } : example)) }));
  const remove = (index: number) => store.change((parts) => ({ examples: parts.examples.toSpliced(index, 1) }));
  const placed = examples.map((example, index) => ({ example, index, place: `examples/${index}` }));
  return (
    <Card title="Cases to start from" aside={examples.length > 0 && `${examples.length} of 20`}>
      {examples.length === 0 ? (
        <p className="text-ink-2">
          None yet. Try the model with a telling case and press “Keep this case”: the customers’ page opens with the first one.
        </p>
      ) : (
        <ul className="grid gap-4">
          {placed.map(({ example, index, place }) => (
            <CaseRow
              key={place}
              example={example}
              place={place}
              onChange={(changed) => change(index, changed)}
              onShow={() => onShow(example.input)}
              onRemove={() => remove(index)}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}
