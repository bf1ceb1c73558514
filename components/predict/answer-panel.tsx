import { AnswerFigure, summarize } from "@/components/predict/answer-figure";
import { AnswerWarnings } from "@/components/predict/answer-warnings";
import type { PredictionState, ShownAnswer } from "@/components/predict/use-prediction";
import { viewAnswer } from "@/lib/answer-view";
import type { VersionDetail } from "@/lib/contracts/catalog";
import type { OutputField } from "@/lib/contracts/model-schema";

interface AnswerPanelProps {
  live: Pick<VersionDetail, "schema" | "reference">;
  state: PredictionState;
  since: string;
  /** What the button that asks is called. */
  button?: string;
  onAskAgain: () => void;
}

function viewOf(live: AnswerPanelProps["live"], output: OutputField, shown: ShownAnswer | null) {
  const answer = shown?.output[output.name];
  return answer ? viewAnswer(output, answer, live.reference[output.name]) : null;
}

/** @param onAskAgain where the same question may have an answer the next time */
function Trouble({ failure, onAskAgain }: { failure: string; onAskAgain: (() => void) | null }) {
  return (
    <div className="note note-bad mb-3" role="alert">
      <p className="font-semibold">No answer</p>
      <p>{failure}</p>
      {onAskAgain && (
        <p className="mt-1">
          <button type="button" className="btn btn-small" onClick={onAskAgain}>
            Ask again
          </button>
        </p>
      )}
    </div>
  );
}

/** The lit side of the pane: what the model says now, what it said before, and how sure one can be of it. */
export function AnswerPanel({ live, state, since, button = "Predict", onAskAgain }: AnswerPanelProps) {
  const { answer, before, status, failure, fieldErrors } = state;
  const isRefused = Object.keys(fieldErrors).length > 0;
  const pairs = live.schema.outputs.map((output) => ({ output, now: viewOf(live, output, answer), then: viewOf(live, output, before) }));
  const spoken = pairs.map(({ now, then }) => (now ? summarize(now, then) : "")).join(" ");
  const isOld = status === "stale" || status === "failed" || status === "slow";
  return (
    <section aria-label="Answer" className="grid content-start gap-4">
      <p className="sr-only" role="status">
        {status === "answered" ? spoken : ""}
      </p>
      {failure && <Trouble failure={failure} onAskAgain={isRefused ? null : onAskAgain} />}
      {!answer && !failure && <p className="help">{status === "stale" ? "Mend the marked fields to get an answer." : "The model is thinking."}</p>}
      <div className={isOld ? "grid gap-4 opacity-55" : "grid gap-4"} aria-busy={status === "asking" || status === "slow"}>
        {pairs.map(({ output, now, then }) => now && <div key={output.name}>{<AnswerFigure view={now} before={then} since={since} />}</div>)}
      </div>
      {status === "stale" && answer && <p className="note">The fields have changed since this answer. Press {button} for a new one.</p>}
      {answer && <AnswerWarnings warnings={answer.warnings} fields={live.schema.inputs} />}
    </section>
  );
}
