import type { Metadata } from "next";
import { Suspense } from "react";
import { OverviewBoard } from "@/components/admin/overview/overview-board";
import { OverviewSkeleton } from "@/components/admin/overview/overview-skeleton";
import { firstValue } from "@/lib/first-value";
import { readOverviewPage } from "@/server/admin/overview-page";
import { requireOperator } from "@/server/admin/session";

export const metadata: Metadata = { title: { absolute: "Overview · Vitrine console" } };

interface OverviewPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

async function Overview({ searchParams }: OverviewPageProps) {
  const { range, surface } = await searchParams;
  const data = await readOverviewPage({ range: firstValue(range), surface: firstValue(surface) });
  return <OverviewBoard key={data.range} {...data} />;
}

/** Who may see the page is asked before anything of it is sent; the figures follow as soon as they are read. */
export default async function OverviewPage({ searchParams }: OverviewPageProps) {
  await requireOperator("/admin");
  return (
    <Suspense fallback={<OverviewSkeleton />}>
      <Overview searchParams={searchParams} />
    </Suspense>
  );
}
