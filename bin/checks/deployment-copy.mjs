/** Copies outside the project: of the project itself to be built, and of what was built to be started. */
import { copyFileSync, cpSync, linkSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import path from "node:path";
import { root } from "../support/project.mjs";

/** Made by tools, or of this machine alone. */
const LEFT_OUT = /^(node_modules|\.git|\.next.*|\.cache|\.data|\.vercel|\.env.*|test-results|vitrine-export)$/;

/** The same file under another name where that can be, for tens of thousands of files take long to copy. */
function placeFile(from, to) {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** A folder with all that is in it; links stay links. */
export function placeTree(from, to) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const [source, target] = [path.join(from, name), path.join(to, name)];
    const found = lstatSync(source);
    if (found.isDirectory()) placeTree(source, target);
    else if (found.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else placeFile(source, target);
  }
}

/** Lays files out as a function finds them. @param {Map<string, string>} files where each lies, and where it comes from */
export function placeFiles(files, to) {
  for (const [name, from] of files) {
    const target = path.join(to, name);
    mkdirSync(path.dirname(target), { recursive: true });
    const found = lstatSync(from);
    if (found.isSymbolicLink()) symlinkSync(readlinkSync(from), target);
    else if (found.isDirectory()) mkdirSync(target, { recursive: true });
    else placeFile(from, target);
  }
}

/** The project's sources with what is installed for them, in a folder of their own. */
export function copyProject(to) {
  cpSync(root, to, { recursive: true, filter: (source) => path.dirname(source) !== root || !LEFT_OUT.test(path.basename(source)) });
  placeTree(path.join(root, "node_modules"), path.join(to, "node_modules"));
}
