import "server-only";
import { originOf } from "@/server/core/answer";
import { readCookie } from "@/server/core/cookies";
import { DomainError } from "@/server/core/errors";
import type { Asked } from "@/server/core/exchange";
import { consoleCookieName } from "@/server/modules/operators/sessions";

/** The sealed session that came along, or null. Whether it is good for anything is not looked at. */
export function readConsoleCookie(request: Pick<Asked, "headers">, name: Parameters<typeof consoleCookieName>[0]): string | null {
  const header = request.headers.get("cookie");
  return header === null ? null : readCookie(header, consoleCookieName(name));
}

/**
 * Only the console's own pages may change something. Its cookie is `SameSite=Strict`; this is the second lock, and the one in front of
 * the sign-in, where no cookie is yet.
 * @throws {DomainError} `forbidden`
 */
export function assertConsolePage(request: Asked): void {
  const origin = request.headers.get("origin") ?? "";
  // By host alone: a proxy that ends TLS in front of us may not tell which scheme the page was loaded by. The browser knows.
  const isOwnHost = URL.canParse(origin) && new URL(origin).host === new URL(originOf(request)).host;
  const site = request.headers.get("sec-fetch-site") ?? "same-origin";
  if (!isOwnHost || site !== "same-origin") throw new DomainError("forbidden", "Calls must come from a page of the console.");
}
