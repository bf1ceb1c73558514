import type { Metadata } from "next";
import Link from "next/link";
import { CompareInputs } from "@/components/history/compare-inputs";
import { CompareSide } from "@/components/history/compare-side";
import { HistoryCrumb } from "@/components/history/history-crumb";
import { Card } from "@/components/ui/card";
import { pairInputs, viewInputs } from "@/lib/history-view";
import { readEntryPage } from "@/server/site/history";
import { assertSitePage } from "@/server/site/served";
import { requireCustomer } from "@/server/site/session";

export const metadata: Metadata = { title: "Compare" };

interface ComparePageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const id = (value: string | string[] | undefined) => (typeof value === "string" ? value : "");

function sayCount(different: number, all: number): string {
  if (different === 0) return "Both were asked the same.";
  return `${different} of ${all} inputs ${different === 1 ? "differs" : "differ"}`;
}

export default async function ComparePage({ searchParams }: ComparePageProps) {
  assertSitePage();
  const query = await searchParams;
  const ids = { one: id(query["one"]), other: id(query["other"]) };
  await requireCustomer(`/history/compare?${new URLSearchParams(ids)}`);
  const [one, other] = await Promise.all([readEntryPage(ids.one), readEntryPage(ids.other)]);
  const [left, right] = [one.model?.live.schema.inputs ?? [], other.model?.live.schema.inputs ?? []];
  const pairs = pairInputs(right, viewInputs(left, one.entry.input), viewInputs(right, other.entry.input));
  const isSameModel = one.entry.model === other.entry.model;
  return (
    <>
      <HistoryCrumb here="Compare" />
      <div className="mt-1 flex flex-wrap items-end justify-between gap-3">
        <h1>Two predictions side by side</h1>
        <Link href={`/history/compare?${new URLSearchParams({ one: ids.other, other: ids.one })}`} className="btn" prefetch={false}>
          Swap
        </Link>
      </div>
      <div className="pane mt-4">
        <div className="compare-split">
          <CompareSide title="First" name={one.model?.card.name ?? one.entry.model} entry={one.entry} version={one.model?.live ?? null} />
          <CompareSide
            title="Second"
            name={other.model?.card.name ?? other.entry.model}
            entry={other.entry}
            version={other.model?.live ?? null}
            before={isSameModel ? one.entry.output : undefined}
          />
        </div>
        {!isSameModel && <p className="plate">They come from different models: there is no difference between the answers to write out.</p>}
      </div>
      <div className="mt-5">
        <Card title="Inputs" aside={sayCount(pairs.filter((pair) => pair.differs).length, pairs.length)} flush>
          <CompareInputs pairs={pairs} />
        </Card>
      </div>
    </>
  );
}
