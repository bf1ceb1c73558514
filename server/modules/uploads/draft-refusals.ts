import "server-only";
import { DomainError } from "@/server/core/errors";
import type { DraftRecord } from "@/server/modules/uploads/collection";
import { findDraft } from "@/server/modules/uploads/repository";

/** @throws {DomainError} `not_found` */
export async function requireDraft(id: string): Promise<DraftRecord> {
  const draft = await findDraft(id, new Date());
  if (!draft) throw new DomainError("not_found", "There is no such draft. Drafts are kept for 30 days after their last change.");
  return draft;
}

/** What somebody is told whose change came too late. */
export function conflict(): DomainError {
  return new DomainError("conflict", "Somebody else changed this draft meanwhile. Load it again; what you wrote was not stored.");
}
