/**
 * Writes the program that opens foreign model files as one plain JavaScript file: `node --import tsx bin/bundle-inspector.ts`. A build
 * needs it, because where it is deployed to there is nothing that reads TypeScript. The inference engine stays outside: it is native.
 */
import { rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const ROOT = resolve(import.meta.dirname, "..");
const TARGET = join(ROOT, ".cache", "inspector.mjs");

/** What CommonJS packages expect to find. */
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

// Whoever starts the program meanwhile finds the old file or the new one, never a part.
const unfinished = `${TARGET}.${process.pid}`;
await build({
  absWorkingDir: ROOT,
  entryPoints: ["server/modules/predict/inspector/main.admin.ts"],
  outfile: unfinished,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20.20",
  conditions: ["react-server"],
  external: ["onnxruntime-node"],
  banner: { js: REQUIRE },
  legalComments: "none",
  logLevel: "warning",
});
await rename(unfinished, TARGET);
