import "server-only";
import { findAddress } from "@/server/core/forwarded";
import { isInsideNetworks } from "@/server/core/networks";
import { serves } from "@/server/core/served";

/** What a browser may write in more than one way; it decides nothing that a page would not decide again. */
function spellPlainly(pathname: string): string {
  try {
    return decodeURIComponent(pathname).replaceAll("\\", "/").replace(/\/{2,}/g, "/").toLowerCase();
  } catch {
    return pathname.toLowerCase();
  }
}

const isConsole = (pathname: string) => /^\/admin(?![a-z0-9_-])/.test(spellPlainly(pathname));

/**
 * What becomes of a page's address before anything is rendered: it is `shown`; it is answered as any page that there is none of
 * (`nowhere`); or this process has no pages of its kind (`elsewhere`), in plain words. The console's are below `/admin`, all others are
 * the site's, and whoever asks from another network than the console's is to find there what is to be found at any wrong address.
 */
export function placePage(pathname: string, headers: Headers): "shown" | "nowhere" | "elsewhere" {
  if (!isConsole(pathname)) return serves("site") ? "shown" : "elsewhere";
  if (!serves("admin")) return "elsewhere";
  if (isInsideNetworks(findAddress(headers))) return "shown";
  return serves("site") ? "nowhere" : "elsewhere";
}
