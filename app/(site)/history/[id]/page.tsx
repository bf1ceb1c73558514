import type { Metadata } from "next";
import Link from "next/link";
import { DeleteEntry } from "@/components/history/delete-entry";
import { EntryFacts } from "@/components/history/entry-facts";
import { HistoryCrumb } from "@/components/history/history-crumb";
import { InputList } from "@/components/history/input-list";
import { StoredAnswer } from "@/components/history/stored-answer";
import { AnswerWarnings } from "@/components/predict/answer-warnings";
import { CodeBlock } from "@/components/ui/code-block";
import { Icon } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { viewInputs, writeJson } from "@/lib/history-view";
import { readEntryPage } from "@/server/site/history";
import { assertSitePage } from "@/server/site/served";
import { requireCustomer } from "@/server/site/session";

export const metadata: Metadata = { title: "Prediction" };

interface EntryPageProps {
  params: Promise<{ id: string }>;
}

export default async function EntryPage({ params }: EntryPageProps) {
  assertSitePage();
  const { id } = await params;
  await requireCustomer(`/history/${encodeURIComponent(id)}`);
  const { entry, cameBy, model, form } = await readEntryPage(id);
  const fields = model?.live.schema.inputs ?? [];
  const inputs = viewInputs(fields, entry.input);
  return (
    <>
      <HistoryCrumb here={entry.id} />
      <div className="mt-1 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1>{model?.card.name ?? entry.model}</h1>
          <p className="mt-0.5 text-ink-2">
            <LocalTime iso={entry.created_at} />
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {form && (
            <Link href={form} className="btn btn-main" prefetch={false}>
              <Icon name="undo" />
              Put back into the form
            </Link>
          )}
          <DeleteEntry id={entry.id} />
        </div>
      </div>
      <section className="pane mt-4" aria-label="Prediction">
        <div className="pane-split entry-split" data-wide="true">
          <section className="pane-question" aria-label="Inputs">
            <h2 className="!text-[14px]/[20px] !font-semibold">Inputs</h2>
            <InputList inputs={inputs} />
          </section>
          <section className="pane-answer grid content-start gap-4" aria-label="Answer">
            <StoredAnswer output={entry.output} version={model?.live ?? null} />
            <AnswerWarnings warnings={entry.warnings} fields={fields} />
            <EntryFacts entry={entry} cameBy={cameBy} />
          </section>
        </div>
      </section>
      <div className="mt-5">
        <CodeBlock title="As JSON" code={writeJson(entry)} />
      </div>
    </>
  );
}
