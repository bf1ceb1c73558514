import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

/** The project's root, seen from this file. */
export const ROOT = join(import.meta.dirname, "..");

/** A file of this folder. */
export function readDeployed(name: string): string {
  return readFileSync(join(import.meta.dirname, name), "utf8");
}

/** All documents of a YAML file. @throws {Error} what is wrong where, also for a key that stands there twice */
export function parseYaml(name: string): unknown[] {
  return parseAllDocuments(readDeployed(name), { merge: true }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw new Error(`${name}: ${problem.message}`);
    return document.toJS();
  });
}

/** Names of files below this folder that end so. */
export function listDeployed(ending: RegExp): string[] {
  const names = readdirSync(import.meta.dirname, { recursive: true }).map((name) => String(name).replaceAll("\\", "/"));
  return names.filter((name) => ending.test(name) && !name.startsWith("node_modules/")).sort();
}

/** The text of every source file of the product below a folder, by its path; tests are not among it. */
export function readSources(folder: string): Map<string, string> {
  const names = readdirSync(join(ROOT, folder), { recursive: true }).map((name) => `${folder}/${String(name).replaceAll("\\", "/")}`);
  const sources = names.filter((name) => /\.(ts|mjs)$/.test(name) && !/(\.test\.(ts|mjs)|\/test-support\.ts)$|\/guarantees\//.test(name));
  return new Map(sources.map((name) => [name, readFileSync(join(ROOT, name), "utf8")]));
}

/** Every variable that the product or its commands read. */
export function listVariables(): Set<string> {
  const schema = readFileSync(join(ROOT, "server/core/env.ts"), "utf8");
  const parsed = [...schema.matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map(([, name = ""]) => name);
  const commands = [...readSources("bin").values()].flatMap((text) => {
    return [...text.matchAll(/process\.env\.([A-Z][A-Z0-9_]+)/g)].map(([, name = ""]) => name);
  });
  return new Set([...parsed, ...commands]);
}

/** Names that envsubst fills in. */
export const GATEWAY_NAMES = ["GATEWAY_LISTEN", "GATEWAY_LOG", "ADMIN_ALLOW_FILE", "SITE_SERVERS", "API_SERVERS", "ADMIN_SERVERS"] as const;

/** The gateway's configuration as envsubst makes it. */
export function renderGateway(values: Record<(typeof GATEWAY_NAMES)[number], string>): string {
  return GATEWAY_NAMES.reduce((text, name) => text.replaceAll(`\${${name}}`, values[name]), readDeployed("nginx.conf"));
}
