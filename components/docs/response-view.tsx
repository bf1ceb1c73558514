import type { Answered, Outcome } from "@/components/docs/use-call";
import { formatNumber } from "@/lib/format";
import type { OperationView } from "@/lib/openapi-view";

function describe(outcome: Outcome, hasSample: boolean): string {
  if (outcome.state === "rest") return `Nothing was sent yet.${hasSample ? " An answer looks like this:" : ""}`;
  if (outcome.state === "waiting") return "Waiting for the answer…";
  if (outcome.state === "unreachable") return "The service cannot be reached. Check your connection, then send again.";
  const { status, statusText, time } = outcome;
  return `${status}${statusText && ` ${statusText}`} in ${formatNumber(time, 0)} ms`;
}

function Body({ title, text }: { title: string; text: string }) {
  return (
    // A region that scrolls must take focus, or the keyboard cannot read to its end (WCAG 2.1.1).
    <pre className="code-block response-body" tabIndex={0} role="region" aria-label={title}>
      {text}
    </pre>
  );
}

function Headers({ headers }: Pick<Answered, "headers">) {
  return (
    <dl className="response-headers">
      {headers.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface ResponseViewProps {
  operation: OperationView;
  outcome: Outcome;
}

/** What came back: status and time, the headers that matter, and the body. Before that, what an answer looks like. */
export function ResponseView({ operation: { id, sample }, outcome }: ResponseViewProps) {
  const isBad = outcome.state === "unreachable" || (outcome.state === "answered" && outcome.status >= 400);
  const isGood = outcome.state === "answered" && !isBad;
  return (
    <div className="grid gap-3">
      <p role="status" className={`tabular ${isBad ? "font-[550] text-bad" : isGood ? "font-[550] text-ok" : "text-ink-2"}`}>
        {describe(outcome, sample !== "")}
      </p>
      {outcome.state === "rest" && sample && <Body title={`Sample answer of ${id}`} text={sample} />}
      {outcome.state === "answered" && (
        <>
          <Headers headers={outcome.headers} />
          <Body title={`Response to ${id}`} text={outcome.body || "(no body)"} />
        </>
      )}
    </div>
  );
}
