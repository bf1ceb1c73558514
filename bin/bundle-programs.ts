/**
 * Writes programs as plain JavaScript files, `node --import tsx bin/bundle-programs.ts`: the one that opens foreign model files, and the API
 * without Next. A build needs them, because where it is deployed to there is nothing that reads TypeScript. What is native, and what
 * a process may have only once, stays outside.
 */
import { rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const ROOT = resolve(import.meta.dirname, "..");

/** Where each program begins, by its name in `.cache`. */
const PROGRAMS = {
  inspector: "server/modules/predict/inspector/main.admin.ts",
  api: "server/api/listen.ts",
};

/** Native code, and what Next leaves outside too: with both in one process, there is one database driver. */
const OUTSIDE = ["onnxruntime-node", "@node-rs/argon2", "mongoose", "mongodb", "bson", "lmdb", "tsx", "pino"];

/** What CommonJS packages expect to find. */
const REQUIRE = 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);';

for (const [name, entry] of Object.entries(PROGRAMS)) {
  const target = join(ROOT, ".cache", `${name}.mjs`);
  // Whoever starts the program meanwhile finds the old file or the new one, never a part.
  const unfinished = `${target}.${process.pid}`;
  await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: unfinished,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.20",
    conditions: ["react-server"],
    external: OUTSIDE,
    define: { "process.env.NODE_ENV": '"production"' },
    banner: { js: REQUIRE },
    legalComments: "none",
    logLevel: "warning",
  });
  await rename(unfinished, target);
}
