import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inProject } from "../support/project.mjs";

/** Writes a small project of its own, with this project's tools and configuration, for a check to be tried on. */
export function plantProject(files, configuration) {
  const folder = mkdtempSync(path.join(tmpdir(), "planted-"));
  symlinkSync(inProject("node_modules"), path.join(folder, "node_modules"));
  for (const name of configuration) cpSync(inProject(name), path.join(folder, name));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
