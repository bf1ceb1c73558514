import { existsSync } from "node:fs";
import module from "node:module";
import { pathToFileURL } from "node:url";
import { inProject } from "./project.mjs";
import { servesPages } from "./role.mjs";
import { PlainError } from "./say.mjs";

const bundle = () => inProject(".cache", servesPages() ? "api-beside-next" : "api-alone", "main.mjs");

export function isApiBuilt() {
  return existsSync(bundle());
}

/**
 * The customers' API as plain JavaScript (server/api/listen.ts, written by bin/bundle-programs.ts).
 * @throws {PlainError} where it was not built
 */
export async function loadApi() {
  if (!isApiBuilt()) throw new PlainError("There is no build yet: npm run build");
  // From Node 22 on, what was compiled once is read by the next process; where nothing can be written it is compiled each time.
  module.enableCompileCache?.(inProject(".cache", "compiled"));
  return import(pathToFileURL(bundle()).href);
}
