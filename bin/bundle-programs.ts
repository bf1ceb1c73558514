/**
 * Writes programs as plain JavaScript, `node --import tsx bin/bundle-programs.ts`: those that run models apart from whoever serves, and the API
 * without Next. A build needs them, because where it is deployed to there is nothing that reads TypeScript.
 */
import { readdir, rename, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { build, type BuildOptions } from "esbuild";

const ROOT = resolve(import.meta.dirname, "..");
const CACHE = join(ROOT, ".cache");

/** Native code, what starts threads of its own from files, and a package whose exports only Node finds. */
const NATIVE = ["onnxruntime-node", "@node-rs/argon2", "lmdb", "tsx", "pino", "@zxcvbn-ts/language-common"];
/** What a process may have only once: Next leaves it outside too. */
const DRIVER = ["mongoose", "mongodb", "bson"];

interface Program {
  entry: string;
  outside: string[];
}

/** One file each, `.cache/<name>.mjs`. */
const SMALL: Record<string, Program> = {
  /** Opens foreign model files. */
  inspector: { entry: "server/modules/predict/inspector/main.admin.ts", outside: NATIVE },
  /** Runs slow models. */
  "predict-runner": { entry: "server/modules/predict/slow/main.ts", outside: NATIVE },
};

/** In parts that are loaded when they are needed, `.cache/<name>/main.mjs`. */
const LARGE: Record<string, Program> = {
  /** In one process with Next. */
  "api-beside-next": { entry: "server/api/listen.ts", outside: [...NATIVE, ...DRIVER] },
  /** Alone in its process: hundreds of files less to find when it starts. */
  "api-alone": { entry: "server/api/listen.ts", outside: NATIVE },
};

/** What CommonJS packages expect to find. */
const COMMONJS = [
  'import { createRequire as $createRequire } from "node:module";',
  'import { dirname as $dirname } from "node:path";',
  'import { fileURLToPath as $fileURLToPath } from "node:url";',
  "const require = $createRequire(import.meta.url);",
  "const __filename = $fileURLToPath(import.meta.url);",
  "const __dirname = $dirname(__filename);",
].join(" ");

const bundled = {
  absWorkingDir: ROOT,
  bundle: true,
  metafile: true,
  platform: "node",
  format: "esm",
  target: "node20.20",
  conditions: ["react-server"],
  banner: { js: COMMONJS },
  outExtension: { ".js": ".mjs" },
  legalComments: "none",
  logLevel: "warning",
} as const satisfies BuildOptions;

/** Whoever starts the program meanwhile finds the old file or the new one, never a part. */
async function writeSmall(name: string, { entry, outside }: Program): Promise<void> {
  const unfinished = `${name}.${process.pid}`;
  await build({ ...bundled, entryPoints: { [unfinished]: entry }, outdir: CACHE, external: outside });
  await rename(join(CACHE, `${unfinished}.mjs`), join(CACHE, `${name}.mjs`));
}

/** The same: its parts are named by what is in them, and its beginning comes last. */
async function writeLarge(name: string, { entry, outside }: Program): Promise<void> {
  const folder = join(CACHE, name);
  const unfinished = `main.${process.pid}`;
  const entryPoints = { [unfinished]: entry };
  const parts = { splitting: true, chunkNames: "part-[hash]" };
  const { metafile } = await build({ ...bundled, ...parts, entryPoints, outdir: folder, external: outside });
  const written = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
  await rename(join(folder, `${unfinished}.mjs`), join(folder, "main.mjs"));
  const left = (await readdir(folder)).filter((file) => file !== "main.mjs" && !written.has(file));
  await Promise.all(left.map((file) => rm(join(folder, file))));
}

for (const [name, program] of Object.entries(SMALL)) await writeSmall(name, program);
for (const [name, program] of Object.entries(LARGE)) await writeLarge(name, program);
// What Node compiled of the last ones (support/api.mjs).
await rm(join(CACHE, "compiled"), { recursive: true, force: true });
