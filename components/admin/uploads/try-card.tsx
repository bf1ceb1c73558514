"use client";

import { type FormEvent, memo, useDeferredValue, useMemo, useRef } from "react";
import { flushSync } from "react-dom";
import { fillValues } from "@/components/admin/uploads/case-values";
import type { DraftParts } from "@/components/admin/uploads/draft-parts";
import type { DraftStore } from "@/components/admin/uploads/draft-store";
import { readCase, type useTry } from "@/components/admin/uploads/use-try";
import { AnswerPanel } from "@/components/predict/answer-panel";
import { ModelForm } from "@/components/predict/model-form";
import type { Draft } from "@/lib/contracts/uploads.admin";
import { formatMilliseconds } from "@/lib/format";

const MOST_CASES = 20;

/** Drawn again only when something in it has changed: the rest of the page changes with every key that is pressed. */
const PreviewForm = memo(ModelForm);

interface TryCardProps {
  store: DraftStore;
  draft: Draft;
  parts: DraftParts;
  trial: ReturnType<typeof useTry>;
}

function focusFirst(form: HTMLFormElement | null, names: string[]): void {
  for (const name of names) {
    const field = form?.querySelector(`[data-field="${CSS.escape(name)}"]`);
    field?.closest("details")?.setAttribute("open", "");
    const control = field?.querySelector<HTMLElement>("input:not([type=range]), select, textarea, button");
    if (control) return control.focus();
  }
}

/** Whether this very schema was answered, in words. */
function sayTried({ tried }: Draft): string {
  if (tried === null) return "Not tried yet: a test prediction has to succeed before it can be published.";
  if (!tried.current) return "The schema was changed after the last answer: try it again before it can be published.";
  return `This schema was answered in ${formatMilliseconds(tried.milliseconds)}.`;
}

type Trial = TryCardProps["trial"];

/** The lit side: nothing yet, or what the model says. */
function TryAnswer({ trial: { state, ask }, live }: { trial: Trial; live: Pick<DraftParts, "schema" | "reference"> }) {
  const isResting = !state.answer && !state.failure && Object.keys(state.fieldErrors).length === 0;
  return (
    <div className="pane-answer">
      {isResting ? (
        <p className="help">{state.status === "slow" ? "The model is thinking." : "The model's answer will stand here."}</p>
      ) : (
        <AnswerPanel live={live} state={state} since="since your last try" button="Try it" onAskAgain={() => void ask()} />
      )}
    </div>
  );
}

interface KeepCaseProps extends Pick<TryCardProps, "store" | "parts"> {
  values: Trial["values"];
}

/** Makes the case in the form one that customers can start from, and leads to its name. */
function KeepCase({ store, parts: { schema, examples }, values }: KeepCaseProps) {
  const keep = () => {
    const kept = { name: `Case ${examples.length + 1}`, description: "", input: readCase(schema, values).row };
    flushSync(() => store.change((parts) => ({ examples: [...parts.examples, kept] })));
    document.querySelector<HTMLInputElement>(`[data-place="examples/${examples.length}/name"]`)?.select();
  };
  return (
    <button type="button" className="btn" onClick={keep}>
      Keep this case
    </button>
  );
}

/** The customers' form as it will be, and what the model answers to it. */
export function TryCard({ store, draft, parts, trial }: TryCardProps) {
  const { values, state, ask, change } = trial;
  const form = useRef<HTMLFormElement>(null);
  // With hundreds of fields the form follows the editor a moment later, so that typing stays quick.
  const schema = useDeferredValue(parts.schema);
  const shown = useMemo(() => fillValues(schema, values), [schema, values]);
  const busy = state.status === "slow";
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    focusFirst(form.current, await ask());
  };
  const canKeep = draft.tried?.current === true && state.status === "answered" && parts.examples.length < MOST_CASES;
  return (
    <section className="pane draft-try" id="preview" aria-label="Preview" tabIndex={-1}>
      <form ref={form} className="pane-question" onSubmit={submit} noValidate>
        <div>
          <h2>{parts.card.name}</h2>
          <p className="help">The form as customers will see it</p>
        </div>
        <PreviewForm fields={schema.inputs} values={shown} was={undefined} errors={state.fieldErrors} onChange={change} />
        <div className="group flex flex-wrap items-center gap-3">
          <button type="submit" className="btn btn-main btn-submit" aria-disabled={busy || undefined} aria-busy={busy}>
            {busy && <span className="spinner" aria-hidden="true" />}
            Try it
          </button>
          {canKeep && <KeepCase store={store} parts={parts} values={values} />}
        </div>
      </form>
      <TryAnswer trial={trial} live={{ schema, reference: parts.reference }} />
      <footer className="plate">
        <span>{sayTried(draft)}</span>
      </footer>
    </section>
  );
}
