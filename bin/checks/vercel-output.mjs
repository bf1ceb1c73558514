/** What `vercel build` made of the project, read from `.vercel/output`, and what has to be true of it. */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { findPattern } from "./route-patterns.mjs";

const MOST_BYTES = 100_000_000;
const RUNTIME = "nodejs24.x";
const ENGINE = "node_modules/onnxruntime-node/";
/** What of the engine is needed to run; the binding opens the library by its name, so no tool sees that it is needed. */
const ENGINE_PARTS = ["onnxruntime_binding.node", "libonnxruntime.so.1"].map((name) => `${ENGINE}bin/napi-v6/linux/x64/${name}`);
const INSPECTOR = ".cache/inspector.mjs";
const PREDICTS = "app/(api)/api/{v1,trpc}/**/*";
const OPENS_FILES = "app/(admin)/admin/uploads/**/*";
/** Next's own: the proxy, which gives pages their nonce, and pages for what does not exist or broke. They belong to no side. */
const NEUTRAL = /^(_middleware|_not-found|_global-error|_error|404|500|favicon\.ico|icon\.svg)$/;

/** The address of a page or route, as its function is called. */
export function addressOf(route) {
  const parts = route.split("/").slice(1, -1).filter((part) => !/^\(.+\)$/.test(part));
  return parts.join("/") || "index";
}

/** `admin/me.rsc` and `admin/me.segments/…` are forms of `admin/me`. */
const plainName = (name) => name.replace(/\.func$/, "").replace(/(\.segments\/.*|\.rsc|\.prefetch\.rsc)$/, "");

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((name) => statSync(name).isFile() && path.basename(name) !== ".vc-config.json");
}

/** What a function takes along: where a file lies there, and where it comes from. */
function readFiles(folder, { filePathMap = {} }, project) {
  const own = filesBelow(folder).map((file) => [path.relative(folder, file), file]);
  return new Map([...Object.entries(filePathMap).map(([name, from]) => [name, path.join(project, from)]), ...own]);
}

/**
 * Every function of the output, each with all addresses that lead to it.
 * @param {string} project the folder that was built
 */
export function readOutput(project) {
  const output = path.join(project, ".vercel", "output");
  const below = path.join(output, "functions");
  const names = readdirSync(below, { recursive: true }).map(String).filter((name) => name.endsWith(".func"));
  const leaders = new Map();
  for (const name of names) {
    const folder = realpathSync(path.join(below, name));
    leaders.set(folder, [...(leaders.get(folder) ?? []), plainName(name)]);
  }
  const functions = [...leaders].map(([folder, addresses]) => {
    const settings = JSON.parse(readFileSync(path.join(folder, ".vc-config.json"), "utf8"));
    const files = readFiles(folder, settings, project);
    const sizes = [...files.values()].map((file) => statSync(file)).filter((found) => found.isFile());
    const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
    return { name: path.relative(realpathSync(below), folder), addresses: [...new Set(addresses)], settings, files, bytes };
  });
  return { functions, config: JSON.parse(readFileSync(path.join(output, "config.json"), "utf8")) };
}

/** Where the deployment sends an address: the first rewrite that matches it. @returns {string | undefined} the function's address */
export function resolveAddress({ routes }, address) {
  const rewrites = routes.slice(routes.findIndex(({ handle }) => handle === "rewrite") + 1);
  const found = rewrites.find(({ src, dest }) => src && dest && !/\$rscSuffix|\.rsc$/.test(dest) && new RegExp(src).test(address));
  return found?.dest.split("?")[0].slice(1);
}

const inMegabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const sideOf = (address) => (/^admin(\/|$)/.test(address) ? "console" : "customers");
const lackingOf = ({ files }, parts) => parts.filter((part) => !files.has(part));

/** The functions that pages and routes lead to, each with the entries of vercel.json that these go by. */
function groupRoutes({ functions }, routes, patterns) {
  return functions.flatMap((entry) => {
    const served = routes.filter((route) => entry.addresses.includes(addressOf(route)));
    return served.length === 0 ? [] : [{ ...entry, served, groups: [...new Set(served.map((route) => findPattern(route, patterns)))] }];
  });
}

/**
 * The guarantees of a deployment, each with what breaks it.
 * @param {ReturnType<typeof readOutput>} output
 * @param {string[]} routes the project's pages and routes, as files
 * @param {{ functions: Record<string, { maxDuration: number }>, crons: object[] }} wanted vercel.json
 * @param {boolean} preview whether it was built as a preview
 */
export function judgeOutput(output, routes, wanted, preview) {
  const serving = groupRoutes(output, routes, Object.keys(wanted.functions));
  const unserved = routes.filter((route) => !serving.some(({ served }) => served.includes(route)));
  const breaking = (name, select) => ({
    name,
    problems: serving.flatMap((entry) => select(entry).map((what) => `${entry.name}: ${what}`)),
  });
  const takesEngine = ({ groups }) => groups.includes(PREDICTS) || groups.includes(OPENS_FILES);
  const hiding = (output.config.routes ?? []).filter(({ headers }) => headers?.["X-Robots-Tag"]?.includes("noindex"));
  const hidden = hiding.filter(({ src }) => new RegExp(src).test("/any/page"));
  return [
    { name: "every page and route is in a function", problems: unserved },
    { name: "there are at least four functions", problems: serving.length >= 4 ? [] : [`there are ${serving.length}`] },
    breaking("no function serves both sides", ({ addresses }) => {
      const sides = new Set(addresses.filter((address) => !NEUTRAL.test(address)).map(sideOf));
      return sides.size > 1 ? [addresses.join(", ")] : [];
    }),
    breaking("no function mixes what vercel.json keeps apart", ({ groups }) => (groups.length > 1 ? [groups.join(", ")] : [])),
    breaking("limits are those of vercel.json", ({ groups, settings }) =>
      groups
        .filter((group) => wanted.functions[group]?.maxDuration !== settings.maxDuration)
        .map((group) => `${settings.maxDuration} s, not as ${group}`),
    ),
    breaking(`the runtime is ${RUNTIME}`, ({ settings }) => (settings.runtime === RUNTIME ? [] : [settings.runtime])),
    breaking("the inference engine is complete where it predicts and where files are opened", (entry) => [
      ...(takesEngine(entry) ? lackingOf(entry, ENGINE_PARTS) : []),
      ...(entry.groups.includes(OPENS_FILES) ? lackingOf(entry, [INSPECTOR]) : []),
    ]),
    breaking("the inference engine is nowhere else", (entry) =>
      takesEngine(entry) ? [] : [...entry.files.keys()].filter((file) => file.startsWith(ENGINE)).slice(0, 1),
    ),
    breaking("other platforms' engines are left out", ({ files }) =>
      [...files.keys()].filter((file) => file.startsWith(`${ENGINE}bin/`) && !file.includes("/linux/x64/")).slice(0, 1),
    ),
    {
      name: `every function is below ${MOST_BYTES / 1e6} MB`,
      problems: output.functions.filter(({ bytes }) => bytes >= MOST_BYTES).map(({ name, bytes }) => `${name}: ${inMegabytes(bytes)}`),
    },
    {
      name: "the jobs are started as vercel.json says",
      problems: JSON.stringify(output.config.crons) === JSON.stringify(wanted.crons) ? [] : [JSON.stringify(output.config.crons)],
    },
    {
      name: "search engines are kept from a preview, and from nothing else",
      problems: hidden.length > 0 === preview ? [] : [preview ? "no X-Robots-Tag" : "X-Robots-Tag on production"],
    },
  ];
}

/** One line a function, for whoever reads the check's output. */
export function describeFunctions(output, routes, wanted) {
  return groupRoutes(output, routes, Object.keys(wanted.functions)).map(({ groups, settings, bytes, files, served }) => {
    const engine = [...files.keys()].some((file) => file.startsWith(ENGINE)) ? ", with the inference engine" : "";
    return `${groups.join(" + ")}: ${served.length} routes, ${settings.maxDuration} s, ${inMegabytes(bytes)}${engine}`;
  });
}
