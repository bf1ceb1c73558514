import "server-only";
import { env } from "@/server/core/env";

/**
 * The policy of one page (CSP Level 3): everything comes from this origin, and a script runs only when it carries the nonce or was
 * loaded by one that does. `style` attributes are allowed, because the answers are placed by them; development also evaluates
 * modules, puts styles in as it goes and keeps a socket.
 * @param nonce new for each answer, in base64
 */
export function writePolicy(nonce: string): string {
  const { development } = env();
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self'${development ? " ws: wss:" : ""}`,
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
