import type { Metadata } from "next";
import { Suspense } from "react";
import { ErrorGroups } from "@/components/admin/requests/error-groups";
import { RequestsBoard } from "@/components/admin/requests/requests-board";
import { RequestsSkeleton } from "@/components/admin/requests/requests-skeleton";
import { requestsHref } from "@/lib/requests-address.admin";
import { readRequestsPage, writeAddress } from "@/server/admin/requests-page";
import { requireOperator } from "@/server/admin/session";

export const metadata: Metadata = { title: "Requests" };

interface RequestsPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

async function Requests({ searchParams }: RequestsPageProps) {
  const data = await readRequestsPage(await searchParams);
  if (data.kind === "errors") return <ErrorGroups groups={data.groups} range={data.range} surface={data.filters.surface} />;
  const { kind: _kind, ...board } = data;
  // Another list is another board; another entry that is opened, or following it, is not.
  return <RequestsBoard key={requestsHref({ ...data.written, last: data.view.last })} {...board} />;
}

/** Who may see the page is asked before anything of it is sent; the list follows as soon as it is read. */
export default async function RequestsPage({ searchParams }: RequestsPageProps) {
  await requireOperator(writeAddress(await searchParams));
  return (
    <Suspense fallback={<RequestsSkeleton />}>
      <Requests searchParams={searchParams} />
    </Suspense>
  );
}
