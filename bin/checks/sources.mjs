import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Folders that are made by tools, and data that is not ours to word. */
const SKIPPED = /^(node_modules|\.git|\.next.*|\.vercel|\.cache|\.data|test-results|demo)$/;
const TEXT = /\.(ts|tsx|mjs|cjs|js|json|css|md|py|yml|yaml)$|(^|\/)(run|\.gitignore|\.npmrc)$/;

/** All text files of the project as `{ path, text }`, paths relative to `folder` with forward slashes. */
export function readSources(folder) {
  const walk = (below) =>
    readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
      const name = path.posix.join(below, entry.name);
      if (entry.isDirectory()) return SKIPPED.test(entry.name) ? [] : walk(name);
      if (!TEXT.test(name) || /(^next-env\.d\.ts|\.tsbuildinfo)$/.test(name)) return [];
      return [{ path: name, text: readFileSync(path.join(folder, name), "utf8") }];
    });
  return walk("");
}
