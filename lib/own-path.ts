/** Stands in for our own host, so that what leads elsewhere shows. */
const HERE = "http://here.invalid";

/**
 * An address to go on to that came with a request: only paths of this site are followed, everything else becomes `fallback`. Browsers
 * read `//host`, `/\host` and a tab in between as another site.
 */
export function ownPath(given: string | null | undefined, fallback: string): string {
  if (!given || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(given) || !URL.canParse(given, HERE)) return fallback;
  const { origin, pathname, search, hash } = new URL(given, HERE);
  return origin === HERE && !pathname.startsWith("//") ? `${pathname}${search}${hash}` : fallback;
}
