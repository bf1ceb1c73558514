import "server-only";
import type { SiteNotice } from "@/lib/contracts/notice";
import { log } from "@/server/core/log";
import { sharePromiseCache } from "@/server/core/promise-cache";
import { findNotice, type NoticeRecord } from "@/server/modules/operations/repository";

/** How long a process may go on showing what it read. */
const NOTICE_TTL_MS = 3_000;
const known = sharePromiseCache<NoticeRecord | null>("notice", 1, NOTICE_TTL_MS);
let lastRead: NoticeRecord | null = null;

/** What this process knows of the notice is not true any more. */
export function forgetNotice(): void {
  known.forget("notice");
}

/** While the database is away, what was read last stands: a page must not fail for its notice. */
async function readKnown(): Promise<NoticeRecord | null> {
  try {
    lastRead = await known.read("notice", findNotice);
  } catch (error) {
    log("warn", "notice_not_read", { cause: error instanceof Error ? error.name : "unknown" });
  }
  return lastRead;
}

/** What customers are told on every page at this moment, or null; every process follows within three seconds. Never throws. */
export async function readNotice(): Promise<SiteNotice | null> {
  const notice = await readKnown();
  const now = new Date();
  if (!notice || (notice.from && notice.from > now) || (notice.to && notice.to <= now)) return null;
  return { text: notice.text, tone: notice.tone };
}
