import { readFileSync } from "node:fs";
import { inProject } from "./project.mjs";
import { run } from "./process.mjs";
import { PlainError, step } from "./say.mjs";

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(inProject(file), "utf8")).packages;
  } catch {
    return null;
  }
}

/** Whether every package of package-lock.json is there in that version, by the record npm keeps; parts for other platforms may lack. */
export function isInstalled() {
  const installed = readPackages("node_modules/.package-lock.json");
  if (!installed) return false;
  return Object.entries(readPackages("package-lock.json") ?? {}).every(([where, wanted]) => {
    const found = installed[where];
    return where === "" || (found ? found.version === wanted.version : wanted.optional === true);
  });
}

/** The last lines that say something, for a failure that has to be shown. */
export function tail(text, lines = 15) {
  return text
    .trimEnd()
    .split("\n")
    .filter((line) => line.trim())
    .slice(-lines)
    .join("\n");
}

/**
 * Installs what package-lock.json names, when that is not there yet. No package's own script runs: the native parts come prebuilt.
 * @throws {PlainError} with npm's own words
 */
export async function ensureInstalled() {
  if (isInstalled()) return;
  await step("Installing what package-lock.json names (npm ci)", async () => {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const result = await run(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    if (result.code !== 0) throw new PlainError(`npm ci failed:\n${tail(result.output)}`);
  });
}
