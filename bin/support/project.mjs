import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PlainError } from "./say.mjs";

/** The folder of the project, whatever folder the command was called from. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/**
 * What Node is told to serve the product; `npm start`, the image and the manifests say the same. Without the bound, in MiB, V8 sizes its
 * young generation by the machine's memory from Node 22 on, not by the container's, and an API at full load holds twice as much.
 */
export const SERVE = ["--max-semi-space-size=16", "bin/serve.mjs"];

export function inProject(...parts) {
  return path.join(root, ...parts);
}

/** @throws {PlainError} when this Node is older than package.json asks for */
export function requireNode(version = process.versions.node) {
  const wanted = JSON.parse(readFileSync(inProject("package.json"), "utf8")).engines.node.replace(">=", "");
  const [major, minor] = version.split(".").map(Number);
  const [wantedMajor, wantedMinor = 0] = wanted.split(".").map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new PlainError(`Vitrine needs Node ${wanted} or newer; this is Node ${version}.`);
}

/** Where the build goes and comes from, as next.config.mjs reads it. */
export function buildFolder() {
  return inProject(process.env.NEXT_DIST_DIR || ".next");
}

/** @throws {PlainError} when nothing was built yet */
export function requireBuild() {
  if (!existsSync(path.join(buildFolder(), "BUILD_ID"))) throw new PlainError("There is no build yet: npm run build");
}

/** The name of the build that is there. */
export function readBuildId() {
  return readFileSync(path.join(buildFolder(), "BUILD_ID"), "utf8").trim();
}
