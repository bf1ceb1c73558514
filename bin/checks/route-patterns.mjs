/** How Vercel decides which entry of `functions` in vercel.json a route's file goes by. */

/** Folders, whole names or alternatives; all that vercel.json may use, because everything else is read differently by different tools. */
const READABLE = /^[\w./()*{},-]+$/;
/** What `**` and `*` stand for never begins with a dot. */
const FOLDERS = "(?:(?!\\.)[^/]+/)*";
const NAME = "(?!\\.)[^/]+";

/** One segment of a pattern, as a regular expression. */
function readSegment(segment) {
  if (segment === "*") return NAME;
  if (segment.includes("*")) throw new Error(`"*" must stand for a whole name in vercel.json, not in "${segment}".`);
  const literal = segment.replaceAll(/[.()]/g, "\\$&");
  return literal.replaceAll(/\{([^}]+)\}/g, (_all, names) => `(?:${names.replaceAll(",", "|")})`);
}

/** A pattern as a regular expression that says what `minimatch` says of it. @throws {Error} for a form that is not read here */
function readPattern(pattern) {
  if (!READABLE.test(pattern)) throw new Error(`vercel.json: "${pattern}" has a form that is not read the same everywhere.`);
  const segments = pattern.split("/");
  const last = segments.pop();
  const folders = segments.map((segment) => (segment === "**" ? FOLDERS : `${readSegment(segment)}/`));
  return new RegExp(`^${folders.join("")}${readSegment(last)}$`);
}

/** The first pattern that is the file's name, or matches it. @returns {string | undefined} */
export function findPattern(file, patterns) {
  return patterns.find((pattern) => pattern === file || readPattern(pattern).test(file));
}
