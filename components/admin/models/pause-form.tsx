"use client";

import { type FormEvent, useState } from "react";
import type { ActState } from "@/components/admin/models/use-act";
import { LocalTime } from "@/components/ui/local-time";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText } from "@/components/ui/use-form";
import type { ReleaseState } from "@/lib/contracts/releases.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

interface PauseProps {
  slug: string;
  canAct: boolean;
  state: ActState;
}

/** Stops a model for a while, with a note that customers read. */
export function PauseForm({ slug, canAct, state }: PauseProps) {
  const [error, setError] = useState<string | undefined>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const note = readText(new FormData(event.currentTarget), "note").trim();
    setError(note === "" ? "Note is missing: customers read it in place of an answer." : undefined);
    if (note === "") return;
    state.act(() => consoleApi.models.pause.mutate({ slug, note }), "The model is paused; predictions are refused with your note.");
  };
  return (
    <form className="max-w-[560px]" onSubmit={submit} noValidate>
      <fieldset className="grid gap-3" disabled={!canAct}>
        <legend className="sr-only">Pause</legend>
        <p className="text-ink-2">A paused model keeps its page and refuses predictions with your note.</p>
        <TextField label="Note to customers" name="note" scope="pause" maxLength={300} autoComplete="off" error={error} />
        <div>
          <SubmitButton busy={state.busy} look="plain">
            Pause
          </SubmitButton>
        </div>
      </fieldset>
    </form>
  );
}

/** A model that is paused, and the way out of it. */
export function PausedPart({ slug, canAct, state, paused }: PauseProps & { paused: NonNullable<ReleaseState["paused"]> }) {
  const resume = () => state.act(() => consoleApi.models.resume.mutate({ slug }), "The model answers again.");
  return (
    <div className="grid gap-3">
      <Notice tone="warn" title={`Paused: ${paused.note}`}>
        <p>
          By {paused.by}, <LocalTime iso={paused.since} />
        </p>
      </Notice>
      <div>
        <button type="button" className="btn btn-main" disabled={!canAct} aria-busy={state.busy} onClick={resume}>
          Resume
        </button>
      </div>
    </div>
  );
}
