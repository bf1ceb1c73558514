import "server-only";
import { serves } from "@/server/core/served";

/** What a browser may write in more than one way; it decides nothing that a page would not decide again. */
function spellPlainly(pathname: string): string {
  try {
    return decodeURIComponent(pathname).replaceAll("\\", "/").replace(/\/{2,}/g, "/").toLowerCase();
  } catch {
    return pathname.toLowerCase();
  }
}

/** Whether this process serves the page at an address: the console's are below `/admin`, all others are the site's. */
export function isPageServed(pathname: string): boolean {
  return serves(/^\/admin(?![a-z0-9_-])/.test(spellPlainly(pathname)) ? "admin" : "site");
}
