import "server-only";
import type { SiteNotice } from "@/lib/contracts/notice";
import { readNotice } from "@/server/modules/operations/service";

/** What every page tells its reader at this moment, or null. Never throws. */
export async function readSiteNotice(): Promise<SiteNotice | null> {
  return readNotice();
}
