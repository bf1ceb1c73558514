/** What the build really put into each function, read from Next's trace files and source maps; and how heavy a page is. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

const ENGINE_FILES = ["onnxruntime_binding.node", "libonnxruntime.so.1"];
const PREDICTS = /^app\/\(api\)\/api\/(v1|trpc)\//;
/** Where model files come in, the program that opens them is started; program and engine are taken along without being imported. */
const INSPECTS = /^app\/\(admin\)\/admin\/uploads\//;
const INSPECTOR_FILES = [".cache/inspector.mjs", "onnxruntime-node/dist/index.js", "onnxruntime-common/dist/cjs/index.js"];
const CUSTOMER = /^app\/\((site|api)\)\//;
const CONSOLE = /(^|\/)(server\/admin|components\/admin|app\/\(admin\)|server\/modules\/(alerts|audit|operators|uploads))\/|\.admin\.tsx?$/;
/** How a process asks for the embedded server; the server itself is a program of its own. */
const EMBEDDED_CLIENT = /server\/embedded\/(ensure|lock-file|damage)\.ts$/;
const NEVER_DEPLOYED = /(^|\/)(node_modules\/(@?lmdb|tsx|esbuild|typescript)\/|server\/embedded\/|demo\/|\.data\/)/;

/** The modules a chunk was made from, by its source map (plain or in sections). */
function modulesOf(chunk) {
  if (!existsSync(`${chunk}.map`)) return [];
  const map = JSON.parse(readFileSync(`${chunk}.map`, "utf8"));
  const sources = (map.sections ?? [{ map }]).flatMap((section) => section.map.sources ?? []);
  return sources.map((source) => decodeURIComponent(source).replace(/^(\.\.\/)+/, ""));
}

/** Every function of the build: its route's file, the files it takes along and the modules inside. */
export function readFunctions(buildFolder) {
  const server = path.join(buildFolder, "server");
  const traces = readdirSync(path.join(server, "app"), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".js.nft.json"));
  return traces.map((name) => {
    const file = path.join(server, "app", name);
    const files = JSON.parse(readFileSync(file, "utf8")).files;
    const own = [
      file.replace(/\.nft\.json$/, ""),
      ...files.filter((traced) => traced.includes("chunks/")).map((traced) => path.resolve(path.dirname(file), traced)),
    ];
    return {
      route: `app/${name.replaceAll("\\", "/").replace(/\.js\.nft\.json$/, "")}`,
      files,
      modules: [...new Set(own.flatMap(modulesOf))],
    };
  });
}

/** The guarantees of the build, each with the functions that break it. */
export function judgeFunctions(functions) {
  const engineFiles = ({ files }) => ENGINE_FILES.filter((name) => files.some((file) => file.endsWith(`/linux/x64/${name}`)));
  const breaking = (name, select) => ({
    name,
    problems: functions.flatMap((entry) => select(entry).map((what) => `${entry.route}: ${what}`)),
  });
  return [
    {
      name: "the trace files were read",
      problems: functions.some((entry) => PREDICTS.test(entry.route) && entry.modules.length > 5)
        ? []
        : ["no predicting function with modules was found"],
    },
    breaking("the inference engine is complete where it predicts", (entry) =>
      PREDICTS.test(entry.route)
        ? ENGINE_FILES.filter((name) => !engineFiles(entry).includes(name)).map((name) => `${name} is missing`)
        : [],
    ),
    breaking("the inspector is complete where files come in", (entry) =>
      INSPECTS.test(entry.route)
        ? [
            ...INSPECTOR_FILES.filter((name) => !entry.files.some((file) => file.endsWith(name))),
            ...ENGINE_FILES.filter((name) => !engineFiles(entry).includes(name)),
          ].map((name) => `${name} is missing`)
        : [],
    ),
    breaking("the inference engine is nowhere else", (entry) =>
      PREDICTS.test(entry.route) || INSPECTS.test(entry.route)
        ? []
        : entry.files.filter((file) => file.includes("onnxruntime-node/")).slice(0, 1),
    ),
    breaking("no console code in a customer's function", (entry) =>
      CUSTOMER.test(entry.route) ? entry.modules.filter((module) => CONSOLE.test(module)) : [],
    ),
    breaking("the embedded server is in no function", (entry) => [
      ...entry.files.filter((file) => NEVER_DEPLOYED.test(file)).slice(0, 3),
      ...entry.modules.filter((module) => /server\/embedded\//.test(module) && !EMBEDDED_CLIENT.test(module)).slice(0, 3),
    ]),
  ];
}

/** The compressed size of all scripts a page asks for at once, in bytes. @throws {Error} when the page or a script is not there */
export async function measureScripts(address, page) {
  const get = async (where) => {
    const response = await fetch(new URL(where, address));
    if (!response.ok) throw new Error(`${where} answers with ${response.status}`);
    return response.text();
  };
  const html = await get(page);
  const scripts = [
    ...new Set(
      [...html.matchAll(/<script[^>]+src="([^"]+)"([^>]*)/g)].filter((match) => !/noModule/i.test(match[0])).map((match) => match[1]),
    ),
  ];
  if (scripts.length === 0) throw new Error(`${page} names no script`);
  const sizes = await Promise.all(scripts.map(async (where) => gzipSync(await get(where)).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}
