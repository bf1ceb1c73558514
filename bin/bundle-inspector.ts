/**
 * Writes the programs that run models apart from whoever serves, each as one plain JavaScript file: `node --import tsx
 * bin/bundle-inspector.ts`. The inspector opens foreign model files, the runner runs slow models. A build needs them, because where it is
 * deployed to there is nothing that reads TypeScript. The inference engine stays outside: it is native.
 */
import { rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const ROOT = resolve(import.meta.dirname, "..");

/** What CommonJS packages expect to find. */
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

async function bundle(source: string, name: string): Promise<void> {
  const target = join(ROOT, ".cache", name);
  // Whoever starts the program meanwhile finds the old file or the new one, never a part.
  const unfinished = `${target}.${process.pid}`;
  await build({
    absWorkingDir: ROOT,
    entryPoints: [source],
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
  await rename(unfinished, target);
}

await bundle("server/modules/predict/inspector/main.admin.ts", "inspector.mjs");
await bundle("server/modules/predict/slow/main.ts", "predict-runner.mjs");
