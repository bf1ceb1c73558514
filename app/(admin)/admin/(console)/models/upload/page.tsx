import type { Metadata } from "next";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { DraftList } from "@/components/admin/uploads/draft-list";
import { UploadPanel } from "@/components/admin/uploads/upload-panel";
import { MAX_UPLOAD_BYTES } from "@/lib/contracts/uploads.admin";
import { firstValue } from "@/lib/first-value";
import { requireOperator } from "@/server/admin/session";
import { readUploadPage } from "@/server/admin/uploads-page";

export const metadata: Metadata = { title: "Upload a model" };

interface UploadPageProps {
  searchParams: Promise<{ model?: string | string[] }>;
}

export default async function UploadPage({ searchParams }: UploadPageProps) {
  const { operator } = await requireOperator("/admin/models/upload");
  const { models, drafts } = await readUploadPage();
  const asked = firstValue((await searchParams).model);
  const chosen = models.some(({ slug }) => slug === asked) ? (asked ?? "") : "";
  const mayWrite = operator.role !== "viewer";
  const barred = mayWrite ? null : "Uploading takes the role operator; yours is viewer.";
  return (
    <ConsolePage title="Upload a model" crumbs={[{ href: "/admin/models", title: "Models" }]}>
      <UploadPanel models={models} chosen={chosen} largest={MAX_UPLOAD_BYTES} barred={barred} />
      <DraftList drafts={drafts} mayWrite={mayWrite} />
    </ConsolePage>
  );
}
