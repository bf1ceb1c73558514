import { InlineCode } from "@/components/docs/inline-code";
import type { AnswerView } from "@/lib/openapi-view";

/** Every status an address answers with; a code leads to the page that says what to change. */
export function AnswerList({ answers }: { answers: AnswerView[] }) {
  return (
    <div className="border-t border-line px-5 py-4">
      <h4 className="mb-2">Answers</h4>
      <dl className="grid grid-cols-[40px_minmax(0,1fr)] text-[13px]">
        {answers.map(({ status, lines }) => (
          <div key={status} className="col-span-2 grid grid-cols-subgrid border-t border-grid py-2 first:border-t-0">
            <dt className="tabular font-[550]">{status}</dt>
            <dd className="grid gap-1">
              {lines.map(({ code, text }) => (
                <p key={`${code} ${text}`} className="prose text-ink-2">
                  {code && (
                    <a className="link mr-2" href={`/docs/errors/${code}`}>
                      {code}
                    </a>
                  )}
                  <InlineCode text={text} />
                </p>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
