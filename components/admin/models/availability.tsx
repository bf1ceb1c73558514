"use client";

import { ActDialog } from "@/components/admin/models/act-dialog";
import { ActResult } from "@/components/admin/models/act-result";
import { PausedPart, PauseForm } from "@/components/admin/models/pause-form";
import { useAct } from "@/components/admin/models/use-act";
import { Card } from "@/components/ui/card";
import type { ReleaseState } from "@/lib/contracts/releases.admin";
import { formatNumber } from "@/lib/format";
import { consoleApi } from "@/lib/trpc-client.admin";

interface AvailabilityProps {
  release: ReleaseState;
  name: string;
  callsOfDay: number;
  canAct: boolean;
}

function sayCalls(count: number): string {
  if (count === 0) return "Nobody called it in the last 24 hours.";
  return count === 1 ? "It was called once in the last 24 hours." : `It was called ${formatNumber(count)} times in the last 24 hours.`;
}

/** Whether the model answers at all: paused for a while, or taken off the shelf. */
export function Availability({ release, name, callsOfDay, canAct }: AvailabilityProps) {
  const { slug, revision, paused, live } = release;
  const state = useAct();
  const calls = sayCalls(callsOfDay);
  const pausing = { slug, canAct, state };
  const unpublish = (reason: string) => consoleApi.models.unpublish.mutate({ slug, expected: revision, reason });
  return (
    <Card title="Availability">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <ActResult state={state} />
        {paused ? <PausedPart {...pausing} paused={paused} /> : <PauseForm {...pausing} />}
        {live !== null && (
          <div className="act-row border-t border-line pt-4">
            <p className="help">Unpublished, the model is not found by anybody. {calls}</p>
            <button type="button" className="btn btn-careful" disabled={!canAct} onClick={() => state.ask("unpublish")}>
              Unpublish
            </button>
          </div>
        )}
      </div>
      <ActDialog
        state={state}
        asks="unpublish"
        title={`Take ${name} off the shelf?`}
        verb="Unpublish"
        careful
        onAct={({ reason }) => state.act(() => unpublish(reason), "Customers no longer find this model.")}
      >
        <p>Its page and its address answer 404 within five seconds, also for calls that name a version or the candidate.</p>
        <p>{calls} Publishing it again brings everything back.</p>
      </ActDialog>
      {state.dialog}
    </Card>
  );
}
