/**
 * The rules no ready-made tool knows. Each looks at one file and answers with what is wrong there.
 * `find({ path, text })` returns findings `{ line, what }`; `line` is 0 where the whole file is meant.
 */

const CODE = /\.(ts|tsx|mjs|cjs|js)$/;
const TEST = /(\.test\.(ts|tsx|mjs)|\/test-support\.ts)$|^server\/(embedded|modules\/[^/]+)\/guarantees\//;
/** The checks name what they forbid. */
const OWN = /^bin\/checks\//;

/** Every line a pattern matches, in files that `applies` lets through. */
function lines(name, applies, pattern, what) {
  return {
    name,
    find({ path, text }) {
      if (!applies(path)) return [];
      return text.split("\n").flatMap((line, index) => (pattern.test(line) ? [{ line: index + 1, what }] : []));
    },
  };
}

function mayReadEnvironment(path) {
  return (
    path === "server/core/env.ts" ||
    /^server\/embedded\/(main|ensure)\.ts$/.test(path) ||
    /^(bin|deploy|e2e)\//.test(path) ||
    /^[^/]+\.config\.(ts|mjs)$/.test(path) ||
    TEST.test(path)
  );
}

/** Next's own folder words, `(group)`, `[slug]`, `[[...path]]`, `@slot`; everything else is words in lower case with hyphens. */
const SEGMENT = /^(\(.+\)|\[.+\]|@[a-z-]+|_[a-z-]+|\.?[a-z0-9]+([.-][a-z0-9]+)*)$/;

const fileNames = {
  name: "kebab-case-names",
  find({ path }) {
    if (/(^|\/)(README\.md|LICENSE)$/.test(path)) return [];
    return path.split("/").every((part) => SEGMENT.test(part)) ? [] : [{ line: 0, what: "names are words in lower case with hyphens" }];
  },
};

const noBarrelFiles = {
  name: "no-index-files",
  find: ({ path }) => (/(^|\/)index\.(ts|tsx|mjs)$/.test(path) ? [{ line: 0, what: "no index files: import from where a thing is" }] : []),
};

const serverOnlyFirst = {
  name: "server-only-first",
  find({ path, text }) {
    if (!/^server\/(?!embedded\/).+\.ts$/.test(path) || path.endsWith(".d.ts") || TEST.test(path)) return [];
    return text.startsWith('import "server-only";\n') ? [] : [{ line: 1, what: 'files of the server begin with import "server-only";' }];
  },
};

/** A procedure's chain from `publicProcedure` (or its kin) to the resolver. */
const PROCEDURE =
  /\b\w*[pP]rocedure\b(?<chain>(?:\s*\.\w+\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*?)\s*\.(?:query|mutation|subscription)\(/g;

const proceduresSayTheirShapes = {
  name: "procedures-say-input-and-output",
  find({ path, text }) {
    if (!/^server\/.+\.ts$/.test(path) || TEST.test(path)) return [];
    return [...text.matchAll(PROCEDURE)].flatMap((match) => {
      const missing = [".input(", ".output("].filter((call) => !match.groups.chain.includes(call));
      return missing.length === 0
        ? []
        : [{ line: text.slice(0, match.index).split("\n").length, what: `a procedure without ${missing.join(" and ")}…)` }];
    });
  },
};

const lockFileNamesNoHost = lines(
  "lock-file-names-no-host",
  (path) => path === "package-lock.json",
  /"resolved": "https?:/,
  "the lock file names no registry",
);

const segmentConfig = /export const (maxDuration|runtime|preferredRegion|memory)\b/;

export const rules = [
  lines(
    "environment-in-one-place",
    (path) => CODE.test(path) && !mayReadEnvironment(path),
    /process\.env\b/,
    "only server/core/env.ts reads process.env",
  ),
  lines("no-export-star", (path) => CODE.test(path) && !OWN.test(path), /^\s*export \*/, "name what is exported"),
  lines(
    "no-server-actions",
    (path) => CODE.test(path) && !OWN.test(path),
    /^\s*["']use server["']/,
    "no Server Actions: an action's id can be posted to any route",
  ),
  lines(
    "no-loose-ends",
    (path) => CODE.test(path) && !OWN.test(path),
    /\b(TODO|FIXME|HACK|XXX)\b(?!.*#\d)/,
    "name the issue (#number) or finish it",
  ),
  lines(
    "no-silenced-tools",
    (path) => CODE.test(path) && !OWN.test(path),
    /(oxlint|eslint)-disable|@ts-(ignore|expect-error|nocheck)/,
    "mend it, do not silence the tool",
  ),
  lines(
    "speaks-of-itself-alone",
    (path) => !/^(package-lock\.json$|\.ci\/)/.test(path),
    /\b(cl[a]ude|sub[a]gents?|work[p]lace|farm-st[u]dio|steering r[e]po|co-authored-b[y])\b|\.\.\/sh[a]red\b|["'`\s(]\/(w[o]rk|f[a]rm|tm[p]|ro[o]t)\//i,
    "the project speaks of itself alone: nothing of machines or how it was made",
  ),
  lines(
    "functions-are-set-in-one-file",
    (path) => /^app\/.+\.tsx?$/.test(path),
    segmentConfig,
    "limits of functions stand in vercel.json alone",
  ),
  fileNames,
  noBarrelFiles,
  serverOnlyFirst,
  proceduresSayTheirShapes,
  lockFileNamesNoHost,
];

/** All findings of all rules: one entry per rule with the lines to print. */
export function judge(sources) {
  return rules.map((rule) => ({
    name: rule.name,
    problems: sources.flatMap((source) => rule.find(source).map(({ line, what }) => `${source.path}${line ? `:${line}` : ""} ${what}`)),
  }));
}
