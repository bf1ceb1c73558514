import type { Metadata } from "next";
import { DraftEditor } from "@/components/admin/uploads/draft-editor";
import { MAX_CSV_BYTES } from "@/lib/contracts/uploads.admin";
import { requireOperator } from "@/server/admin/session";
import { readDraftPage } from "@/server/admin/uploads-page";

export const metadata: Metadata = { title: "Draft" };

interface DraftPageProps {
  params: Promise<{ id: string }>;
}

export default async function DraftPage({ params }: DraftPageProps) {
  const { id } = await params;
  const { operator } = await requireOperator(`/admin/models/drafts/${encodeURIComponent(id)}`);
  const { draft, live, candidate, origin } = await readDraftPage(id);
  const barred = operator.role === "viewer" ? "You can look at this draft. Changing it takes the role operator; yours is viewer." : null;
  return <DraftEditor key={draft.id} first={draft} {...{ live, candidate, origin, barred }} largestRows={MAX_CSV_BYTES} />;
}
