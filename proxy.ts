import { type NextRequest, NextResponse } from "next/server";
import { writePolicy } from "@/server/site/content-security-policy";

/**
 * Gives every page a nonce of its own: Next reads it from the request's policy and puts it on its scripts, the browser reads it from
 * the answer's. Nothing is decided here about who may see what: doors do that.
 */
export function proxy(request: NextRequest): NextResponse {
  const policy = writePolicy(Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64"));
  const headers = new Headers(request.headers);
  headers.set("Content-Security-Policy", policy);
  // Layouts are not told which page they are around; the console's sends readers back there after signing in.
  headers.set("x-vitrine-page", `${request.nextUrl.pathname}${request.nextUrl.search}`);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

/** Pages: neither the API, which answers data, nor files. */
export const config = { matcher: ["/((?!api/|admin/(?:trpc|auth|uploads|jobs|livez|readyz|metrics)(?:/|$)|health$|_next/static/|_next/image$|favicon\\.ico$|icon\\.svg$|vitrine\\.d\\.ts$).*)"] };
