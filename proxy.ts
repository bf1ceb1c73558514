import { type NextRequest, NextResponse } from "next/server";
import { writePolicy } from "@/server/site/content-security-policy";
import { placePage } from "@/server/site/served-address";

const NOTHING = "There is nothing at this address.\n";
/** No page has this address, and none can get it: what is asked for here is answered as every wrong address is. */
const NOWHERE = "/-/nowhere";

/**
 * Gives every page a nonce of its own: Next reads it from the request's policy and puts it on its scripts, the browser reads it from
 * the answer's. Pages that another process serves end here, before they cost anything; each of them and every door asks again. About who
 * may see what nothing is decided here: doors do that.
 */
export function proxy(request: NextRequest): NextResponse {
  const place = placePage(request.nextUrl.pathname, request.headers);
  if (place === "elsewhere") return new NextResponse(NOTHING, { status: 404, headers: { "Cache-Control": "no-store" } });
  const policy = writePolicy(Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64"));
  const headers = new Headers(request.headers);
  headers.set("Content-Security-Policy", policy);
  // Layouts are not told which page they are around; the console's sends readers back there after signing in.
  headers.set("x-vitrine-page", `${request.nextUrl.pathname}${request.nextUrl.search}`);
  const given = { request: { headers } };
  const response = place === "shown" ? NextResponse.next(given) : NextResponse.rewrite(new URL(NOWHERE, request.url), given);
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

/**
 * Pages: neither the API, which answers data, nor files. Of the console exactly the addresses of its doors are left out: whatever else
 * lies below them (`/admin/jobs/upkeep.rsc`) leads to a page.
 */
export const config = { matcher: ["/((?!api(?:/|$)|admin/(?:trpc/[^/]+|auth/.+|uploads/[^/]+/[^/]+|jobs/upkeep|livez|readyz|metrics)$|health/?$|_next/static/|_next/image$|favicon\\.ico$|icon\\.svg$|vitrine\\.d\\.ts$).*)"] };
