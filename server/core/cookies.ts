import "server-only";

/** The value of one cookie, by its exact name (RFC 6265 section 5.4); the first where a name comes twice. */
export function readCookie(header: string, name: string): string | null {
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals === -1 || pair.slice(0, equals).trim() !== name) continue;
    return pair.slice(equals + 1).trim().replace(/^"(.*)"$/, "$1");
  }
  return null;
}
