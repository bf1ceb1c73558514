import type { Metadata } from "next";
import { DataCard } from "@/components/catalog/data-card";
import { MetricsTable } from "@/components/catalog/metrics-table";
import { Markdown } from "@/components/ui/markdown";
import { toPlainText } from "@/lib/markdown";
import { readModel } from "@/server/site/models";
import { assertSitePage } from "@/server/site/served";

interface AboutPageProps {
  params: Promise<{ slug: string }>;
}

export async function generateMetadata({ params }: AboutPageProps): Promise<Metadata> {
  const { card } = await readModel((await params).slug);
  return { title: `${card.name}: About`, description: toPlainText(card.description) };
}

export default async function AboutPage({ params }: AboutPageProps) {
  assertSitePage();
  const { slug } = await params;
  const { card, versions, live_version: live } = await readModel(slug);
  return (
    <div className="mt-6 grid gap-x-8 gap-y-8 min-[900px]:grid-cols-[minmax(0,1fr)_minmax(0,400px)]">
      <div className="min-w-0">
        <h2>What it does</h2>
        <Markdown text={card.description} className="mt-2 max-w-[65ch] text-base/6 text-ink-2" />
        <h2 className="mt-8 mb-2">How good is it</h2>
        <p className="mb-3 text-ink-2">Figures on cases that the model had not seen in training.</p>
        <MetricsTable versions={versions} live={live} />
        <h2 className="mt-8 mb-2">What it is not for</h2>
        <ul className="max-w-[65ch] list-disc pl-5 text-ink-2">
          {card.limitations.map((limitation) => (
            <li key={limitation} className="py-0.5">
              {limitation}
            </li>
          ))}
        </ul>
      </div>
      <DataCard data={card.data} />
    </div>
  );
}
