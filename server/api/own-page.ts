import "server-only";
import { originOf } from "@/server/core/answer";
import { readCookie } from "@/server/core/cookies";
import { DomainError } from "@/server/core/errors";
import type { Asked } from "@/server/core/exchange";
import { sessionCookieName } from "@/server/modules/accounts/session";

/** The sealed session that came along, or null. Whether it is good for anything is not looked at. */
export function readSessionCookie(request: Pick<Asked, "headers">): string | null {
  const header = request.headers.get("cookie");
  return header === null ? null : readCookie(header, sessionCookieName());
}

/** Whether the call names its sender by itself. A browser never adds a bearer token to what another site makes it send. */
function bringsKey(request: Asked): boolean {
  return /^bearer +\S/i.test(request.headers.get("authorization") ?? "");
}

/**
 * A browser sends the session's cookie along with whatever another site makes it post; only our own pages may change something by
 * it. To be asked before every call that may change something, whatever door it comes in by.
 * @throws {DomainError} `forbidden`
 */
export function assertOwnPage(request: Asked): void {
  if (bringsKey(request) || readSessionCookie(request) === null) return;
  const origin = request.headers.get("origin") ?? "";
  // By host alone: a proxy that ends TLS in front of us may not tell which scheme the page was loaded by. The browser knows.
  const isOwnHost = URL.canParse(origin) && new URL(origin).host === new URL(originOf(request)).host;
  const site = request.headers.get("sec-fetch-site") ?? "same-origin";
  if (!isOwnHost || site !== "same-origin") throw new DomainError("forbidden", "Calls of a session must come from a page of this service.");
}
