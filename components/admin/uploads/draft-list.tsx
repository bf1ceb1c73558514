"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { DiscardDraft } from "@/components/admin/uploads/discard-draft";
import { Card } from "@/components/ui/card";
import { LocalTime } from "@/components/ui/local-time";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { DraftSummary } from "@/lib/contracts/uploads.admin";
import { formatBytes, formatDay } from "@/lib/format";

interface DraftListProps {
  drafts: DraftSummary[];
  /** Whether this reader may change anything. */
  mayWrite: boolean;
}

function DraftRow({ draft, mayWrite }: { draft: DraftSummary; mayWrite: boolean }) {
  const router = useRouter();
  const { slug, file, by, updated_at: updatedAt, expires_at: expiresAt } = draft;
  return (
    <tr>
      <th scope="row">
        <Link href={`/admin/models/drafts/${draft.id}`} className="link" prefetch={false}>
          {slug}
        </Link>
      </th>
      <td data-label="File">
        <span className="break-all">{file.filename}</span> <span className="whitespace-nowrap text-ink-3">{formatBytes(file.bytes)}</span>
      </td>
      <td data-label="By">{by}</td>
      <td data-label="Last change">
        <LocalTime iso={updatedAt} />
      </td>
      <td data-label="Kept until" className="whitespace-nowrap text-ink-2">{formatDay(expiresAt)}</td>
      <td>
        <div className="row-actions">
          <DiscardDraft draft={draft} disabled={!mayWrite} named onDiscarded={() => router.refresh()} />
        </div>
      </td>
    </tr>
  );
}

/** What is being worked on: files that were uploaded and are not published yet. */
export function DraftList({ drafts, mayWrite }: DraftListProps) {
  const open = drafts.filter((draft) => draft.published_as === null);
  if (open.length === 0) {
    return (
      <Card title="Drafts">
        <p className="text-ink-2">No draft is open. A file that was uploaded becomes one; it is kept for 30 days after its last change.</p>
      </Card>
    );
  }
  return (
    <Card title="Drafts" aside={`${open.length} open`} flush>
      <ScrollRegion label="Drafts">
        <table className="table list-table keys-table min-[701px]:min-w-[720px]">
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">File</th>
              <th scope="col">By</th>
              <th scope="col">Last change</th>
              <th scope="col">Kept until</th>
              <th scope="col">
                <span className="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {open.map((draft) => (
              <DraftRow key={draft.id} draft={draft} mayWrite={mayWrite} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Card>
  );
}
