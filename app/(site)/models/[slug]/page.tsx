import type { Metadata } from "next";
import { PausedNotice } from "@/components/catalog/paused-notice";
import { TryPane } from "@/components/predict/try-pane";
import { fromQuery, STORED_CASE, toFormValues, toStoredValues } from "@/lib/case-url";
import { toShownVersion } from "@/lib/shown-version";
import { readStoredInput } from "@/server/site/history";
import { readModel } from "@/server/site/models";
import { assertSitePage } from "@/server/site/served";

interface TryPageProps {
  params: Promise<{ slug: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata({ params }: TryPageProps): Promise<Metadata> {
  const { card } = await readModel((await params).slug);
  return { title: card.name, description: card.pitch };
}

export default async function TryPage({ params, searchParams }: TryPageProps) {
  assertSitePage();
  const { slug } = await params;
  const { live, paused } = await readModel(slug);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(await searchParams)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) query.set(name, first);
  }
  const base = toFormValues(live.examples[0]?.input ?? {});
  const fields = live.schema.inputs;
  const id = query.get(STORED_CASE);
  const stored = id === null ? null : await readStoredInput(slug, id);
  const start = stored ? toStoredValues(fields, stored, base) : fromQuery(fields, query, base);
  return (
    <>
      {paused && <PausedNotice note={paused.note} />}
      <TryPane model={slug} live={toShownVersion(live, true)} base={base} start={start} />
    </>
  );
}
