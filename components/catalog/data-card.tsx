import type { ModelCard } from "@/lib/contracts/catalog";
import { formatNumber } from "@/lib/format";

/** Where the training data came from and under which licence. */
export function DataCard({ data }: { data: ModelCard["data"] }) {
  const facts = [
    ["Data", data.title],
    ["Rows", data.rows === undefined ? undefined : formatNumber(data.rows)],
    ["Source", data.source],
    ["Licence", data.licence],
    ["Note", data.note],
  ] as const;
  return (
    <section className="pane content-start self-start" aria-label="Training data">
      <h2 className="border-b border-line px-4 py-3 !text-sm">Training data</h2>
      <dl className="grid gap-3 p-4 text-[13px]">
        {facts.map(
          ([term, fact]) =>
            fact && (
              <div key={term}>
                <dt className="text-ink-3">{term}</dt>
                <dd>{fact}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}
