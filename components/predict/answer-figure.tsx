import { Bars } from "@/components/charts/bars";
import { Columns } from "@/components/charts/columns";
import { Ruler } from "@/components/charts/ruler";
import { type AnswerView, describeChange } from "@/lib/answer-view";

interface AnswerFigureProps {
  view: AnswerView;
  before: AnswerView | null;
  /** What the change is measured from, e.g. "since your last change". */
  since: string;
  /** On cards bars are left out where a ruler says it already. */
  compact?: boolean;
}

/** What changed, in a sentence for screen readers: "76.6 %, up 6.8 points". */
export function summarize(view: AnswerView, before: AnswerView | null): string {
  const change = before && describeChange(view, before);
  const figure = `${view.title} ${view.figure} ${view.suffix} ${view.of}`.trim();
  if (!change || change.way === "same") return `${figure}. ${view.verdict}`;
  return `${figure}, ${change.way} ${change.amount.slice(1)} ${change.unit}. ${view.verdict}`;
}

/** The answer as a picture with numbers: the figure, what changed, its place among known cases, and every class. */
export function AnswerFigure({ view, before, since, compact = false }: AnswerFigureProps) {
  const change = before && describeChange(view, before);
  const isRange = view.measure.kind === "value";
  return (
    <>
      <div className="flex items-start justify-between gap-3">
        <h3>{view.title}</h3>
        {!isRange && view.verdict && <span className="chip">{view.verdict}</span>}
      </div>
      <p className="mt-1 mb-2 flex flex-wrap items-baseline gap-x-3">
        <span className="answer-figure">
          {view.figure}
          {view.suffix && <small>{view.suffix}</small>}
        </span>
        {view.of && <span className="text-ink-2">{view.of}</span>}
        <span className="text-[13px]">
          {isRange && view.verdict && <span className="tabular mr-3 text-ink-2">{view.verdict}</span>}
          {change && (
            <>
              <span className="delta" data-way={change.way}>
                {change.amount}
              </span>{" "}
              <span className="text-ink-3">{`${change.unit} ${since}`.trim()}</span>
            </>
          )}
        </span>
      </p>
      {view.ruler && <Ruler view={view.ruler} before={before?.ruler} />}
      {view.note && <p className="help mt-1">{view.note}, shaded</p>}
      {compact && !view.ruler && <Columns bars={view.bars} label={`${view.title}: every class`} />}
      {view.bars.length > 0 && !compact && (
        <div className={view.ruler ? "mt-3" : ""}>
          <Bars bars={view.bars} before={before?.bars} label={`${view.title}: every class`} />
        </div>
      )}
    </>
  );
}
