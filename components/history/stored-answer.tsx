import { AnswerFigure } from "@/components/predict/answer-figure";
import { viewAnswer } from "@/lib/answer-view";
import type { VersionDetail } from "@/lib/contracts/catalog";
import type { PredictionOutput } from "@/lib/contracts/predict";
import { sayAnswer } from "@/lib/history-view";

interface StoredAnswerProps {
  output: PredictionOutput;
  /** The version that answered; null when its model is not published any more. */
  version: VersionDetail | null;
  /** What the change is measured from. */
  before?: PredictionOutput | undefined;
  since?: string;
}

/** An answer as it was given, drawn as on the model's page; in a few words where the model is gone. */
export function StoredAnswer({ output, version, before, since = "" }: StoredAnswerProps) {
  if (!version) return <p className="answer-figure">{sayAnswer([], output)}</p>;
  return version.schema.outputs.map((field) => {
    const [answer, earlier] = [output[field.name], before?.[field.name]];
    const known = version.reference[field.name];
    const view = answer && viewAnswer(field, answer, known);
    const then = earlier ? viewAnswer(field, earlier, known) : null;
    return view && <div key={field.name}>{<AnswerFigure view={view} before={then} since={since} />}</div>;
  });
}
