"use client";

import { type FormEvent, useEffect, useRef } from "react";
import { AnswerPanel } from "@/components/predict/answer-panel";
import { ExampleList } from "@/components/predict/example-list";
import { ModelForm } from "@/components/predict/model-form";
import { StartFrom } from "@/components/predict/start-from";
import { TryPlate } from "@/components/predict/try-plate";
import { useCase } from "@/components/predict/use-case";
import type { FormValues } from "@/lib/case-url";
import type { ShownVersion } from "@/lib/shown-version";

interface TryPaneProps {
  model: string;
  live: ShownVersion;
  /** What the form starts with: the first example, or the case that the address names. */
  start: FormValues;
  /** The form values that need no query: the first example's. */
  base: FormValues;
}

function focusFirst(form: HTMLFormElement | null, names: string[]): void {
  for (const name of names) {
    const field = form?.querySelector(`[data-field="${CSS.escape(name)}"]`);
    field?.closest("details")?.setAttribute("open", "");
    const control = field?.querySelector<HTMLElement>("input:not([type=range]), select, textarea, button");
    if (control) return control.focus();
  }
}

/** Ctrl+Enter asks from anywhere in the form, also where Enter makes a new line. */
function useSubmitKey(form: React.RefObject<HTMLFormElement | null>): void {
  useEffect(() => {
    const element = form.current;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) element?.requestSubmit();
    };
    element?.addEventListener("keydown", onKeyDown);
    return () => element?.removeEventListener("keydown", onKeyDown);
  }, [form]);
}

function ErrorCount({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <p className="field-error mt-3" role="alert">
      {count === 1 ? "One field needs another value." : `${count} fields need other values.`}
    </p>
  );
}

/** A model's pane: the form asks on the shaded side, the answer stands on the lit one, the plate says where it comes from. */
export function TryPane({ model, live, start, base }: TryPaneProps) {
  const { values, was, state, moving, setMoving, chosen, change, choose, askAgain } = useCase({ model, live, start, base, inAddress: true });
  const form = useRef<HTMLFormElement>(null);
  useSubmitKey(form);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    focusFirst(form.current, await askAgain());
  };
  return (
    <section className="pane mt-4" aria-label="Try it">
      <div className="pane-split" data-wide="model">
        <form ref={form} className="pane-question" onSubmit={submit} noValidate>
          <div className="flex flex-wrap items-center justify-between gap-3">
            <StartFrom examples={live.examples} chosen={chosen} onChoose={choose} />
            <button type="button" role="switch" aria-checked={moving} className="switch" onClick={() => setMoving(!moving)}>
              Answer as I move
              <i />
            </button>
          </div>
          <ErrorCount count={Object.keys(state.fieldErrors).length} />
          <ModelForm fields={live.schema.inputs} values={values} was={was} errors={state.fieldErrors} onChange={change} />
          <div className="group flex items-center gap-3">
            <button type="submit" className="btn btn-main" aria-busy={state.status === "slow"}>
              {state.status === "slow" && <span className="spinner" />}
              Predict
            </button>
            <p className="help">or press Enter</p>
          </div>
        </form>
        <div className="pane-answer">
          <div className="answer-stack">
            <AnswerPanel live={live} state={state} since="since your last change" onAskAgain={() => void askAgain()} />
            <ExampleList live={live} chosen={chosen} onChoose={choose} />
          </div>
        </div>
      </div>
      <TryPlate live={live} answer={state.answer} />
    </section>
  );
}
