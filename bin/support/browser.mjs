import { existsSync } from "node:fs";
import path from "node:path";
import { inProject } from "./project.mjs";
import { run } from "./process.mjs";
import { PlainError, step } from "./say.mjs";

const CANDIDATES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
/** A Chromium that comes inside an npm package, for machines without a system package; kept out of the project's dependencies. */
const PACKAGED = "@sparticuz/chromium@153.0.0";
const packagedHome = inProject(".cache", "chromium");

async function answers(file) {
  return (await run(file, ["--version"])).code === 0;
}

async function findInstalled() {
  for (const file of CANDIDATES) if (existsSync(file) && (await answers(file))) return file;
  return null;
}

async function installFromSystem() {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return null;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { env });
  return findInstalled();
}

/** The package unpacks its browser into the temporary folder and answers with the path. */
async function unpackPackaged() {
  const entry = path.join(packagedHome, "node_modules/@sparticuz/chromium");
  if (!existsSync(entry)) {
    const result = await run("npm", [
      "install",
      "--no-save",
      "--ignore-scripts",
      "--prefix",
      packagedHome,
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      PACKAGED,
    ]);
    if (result.code !== 0) return null;
  }
  const code = 'import("@sparticuz/chromium").then(async ({ default: chromium }) => process.stdout.write(await chromium.executablePath()))';
  const { stdout } = await run(process.execPath, ["-e", code], { cwd: packagedHome });
  return stdout && (await answers(stdout)) ? stdout : null;
}

/**
 * A Chromium to drive: the one CHROMIUM_PATH names, one that is installed, or one that is installed now.
 * @throws {PlainError} when there is none to be had
 */
export async function ensureBrowser() {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (await answers(named)) return named;
    throw new PlainError(`CHROMIUM_PATH names ${named}, which does not run.`);
  }
  let found = await findInstalled();
  if (found) return found;
  await step("Installing Chromium for the browser tests", async () => {
    found = (await installFromSystem()) ?? (await unpackPackaged());
    if (!found) throw new PlainError("No Chromium could be found or installed. Install one and set CHROMIUM_PATH to its program.");
  });
  return found;
}
