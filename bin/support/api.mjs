import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { inProject } from "./project.mjs";
import { PlainError } from "./say.mjs";

const BUNDLE = inProject(".cache", "api.mjs");

/**
 * The customers' API as one plain JavaScript file (server/api/listen.ts, written by bin/bundle-programs.ts).
 * @throws {PlainError} where it was not built
 */
export async function loadApi() {
  if (!existsSync(BUNDLE)) throw new PlainError("There is no build yet: npm run build");
  return import(pathToFileURL(BUNDLE).href);
}
