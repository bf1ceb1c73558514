import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isApiBuilt } from "./api.mjs";
import { tail } from "./install.mjs";
import { buildFolder, inProject, root } from "./project.mjs";
import { run, tool } from "./process.mjs";
import { PlainError, step } from "./say.mjs";

/** Everything the build reads. */
const SOURCES = [
  "app",
  "components",
  "lib",
  "server",
  "proxy.ts",
  "next.config.mjs",
  "postcss.config.mjs",
  "tsconfig.json",
  "package-lock.json",
  "bin/bundle-programs.ts",
];
const STAMP = "vitrine-sources";

function filesBelow(entry) {
  const found = statSync(entry, { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isFile()) return /\.test\.tsx?$/.test(entry) ? [] : [entry];
  return readdirSync(entry)
    .sort()
    .flatMap((name) => filesBelow(path.join(entry, name)));
}

/** A fingerprint of all the build reads: names and contents. */
export function fingerprintSources() {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap((name) => filesBelow(inProject(name)))) {
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex");
}

function stampedFingerprint() {
  try {
    return readFileSync(path.join(buildFolder(), STAMP), "utf8");
  } catch {
    return null;
  }
}

/**
 * Builds, unless the build that is there was made from these very sources.
 * @throws {PlainError} with the end of what Next wrote
 */
export async function ensureBuilt() {
  const fingerprint = fingerprintSources();
  if (stampedFingerprint() === fingerprint && isApiBuilt()) return;
  await step("Building the pages and the API (next build)", async () => {
    rmSync(path.join(buildFolder(), STAMP), { force: true });
    const env = { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", VITRINE_SKIP_TYPES: "1" };
    const types = await run(process.execPath, ["--import", "tsx", "bin/client-types.ts"], { env });
    if (types.code !== 0) throw new PlainError(`The client types could not be written:\n${tail(types.output, 40)}`);
    const programs = await run(process.execPath, ["--import", "tsx", "bin/bundle-programs.ts"], { env });
    if (programs.code !== 0) throw new PlainError(`The programs without Next could not be bundled:\n${tail(programs.output, 40)}`);
    const result = await run(process.execPath, [...tool("next/dist/bin/next"), "build"], { env });
    if (result.code !== 0) throw new PlainError(`next build failed:\n${tail(result.output, 40)}`);
    mkdirSync(buildFolder(), { recursive: true });
    writeFileSync(path.join(buildFolder(), STAMP), fingerprint);
  });
}
