import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { addressOf, judgeOutput, readOutput, resolveAddress } from "./vercel-output.mjs";

const WANTED = {
  functions: {
    "app/(admin)/admin/uploads/**/*": { maxDuration: 90 },
    "app/(admin)/**/*": { maxDuration: 60 },
    "app/(api)/api/{v1,trpc}/**/*": { maxDuration: 30 },
    "app/(site)/**/*": { maxDuration: 15 },
  },
  crons: [{ path: "/admin/jobs/upkeep", schedule: "* * * * *" }],
};
const ROUTES = [
  "app/(site)/page.tsx",
  "app/(site)/keys/page.tsx",
  "app/(api)/api/v1/[[...path]]/route.ts",
  "app/(admin)/admin/(console)/page.tsx",
  "app/(admin)/admin/uploads/trpc/[trpc]/route.ts",
];
const ENGINE = ["onnxruntime_binding.node", "libonnxruntime.so.1"].map(
  (name) => `node_modules/onnxruntime-node/bin/napi-v6/linux/x64/${name}`,
);
const OTHER_PLATFORM = ENGINE[0].replace("linux/x64", "darwin/arm64");
const COMPLETE = "the inference engine is complete where it predicts and where files are opened";
const INSPECTOR = ".cache/inspector.mjs";

/** What a good build looks like, small. Each function: its settings, what it takes along, other addresses that lead to it. */
const good = () => ({
  functions: {
    index: { maxDuration: 15, files: [], also: ["keys", "keys.rsc"] },
    "api/v1/[[...path]]": { maxDuration: 30, files: [...ENGINE], also: [] },
    admin: { maxDuration: 60, files: [], also: [] },
    "admin/uploads/trpc/[trpc]": { maxDuration: 90, files: [...ENGINE, INSPECTOR], also: [] },
    _middleware: { files: [], also: [] },
  },
  config: { crons: WANTED.crons, routes: [{ src: "^(?:/(.*))$", headers: { "X-Robots-Tag": "noindex, nofollow" }, continue: true }] },
});

const folders = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** Writes a build as `vercel build` leaves it behind. @returns its folder */
function plant({ functions, config }, heavy) {
  const project = mkdtempSync(path.join(tmpdir(), "output-"));
  folders.push(project);
  const below = path.join(project, ".vercel", "output", "functions");
  for (const [name, { files, also, ...settings }] of Object.entries(functions)) {
    const folder = path.join(below, `${name}.func`);
    mkdirSync(folder, { recursive: true });
    const filePathMap = Object.fromEntries(files.map((file) => [file, file]));
    writeFileSync(path.join(folder, ".vc-config.json"), JSON.stringify({ runtime: "nodejs24.x", ...settings, filePathMap }));
    writeFileSync(path.join(folder, "launcher.cjs"), "");
    for (const file of files) {
      mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
      writeFileSync(path.join(project, file), "");
    }
    for (const other of also) symlinkSync(folder, path.join(below, `${other}.func`));
  }
  writeFileSync(path.join(project, ".vercel", "output", "config.json"), JSON.stringify(config));
  if (heavy) truncateSync(path.join(project, heavy), 100_000_000);
  return project;
}

function brokenBy(change, heavy) {
  const build = good();
  change(build);
  const judged = judgeOutput(readOutput(plant(build, heavy)), ROUTES, WANTED, true);
  return judged.filter(({ problems }) => problems.length > 0).map(({ name }) => name);
}

describe("what vercel build leaves behind", () => {
  it("is in order when everything is", () => {
    expect(brokenBy(() => {})).toEqual([]);
  });

  it.each([
    ["every page and route is in a function", ({ functions }) => (functions.index.also = [])],
    ["limits are those of vercel.json", ({ functions }) => (functions.admin.maxDuration = 300)],
    ["the runtime is nodejs24.x", ({ functions }) => (functions.admin.runtime = "nodejs20.x")],
    [COMPLETE, ({ functions }) => functions["api/v1/[[...path]]"].files.pop()],
    [COMPLETE, ({ functions }) => functions["admin/uploads/trpc/[trpc]"].files.pop()],
    ["the inference engine is nowhere else", ({ functions }) => functions.admin.files.push(ENGINE[1])],
    ["other platforms' engines are left out", ({ functions }) => functions["api/v1/[[...path]]"].files.push(OTHER_PLATFORM)],
    ["the jobs are started as vercel.json says", ({ config }) => (config.crons = [])],
    ["search engines are kept from a preview, and from nothing else", ({ config }) => (config.routes = [])],
  ])("is not, and %s says so", (name, change) => {
    expect(brokenBy(change)).toEqual([name]);
  });

  it("is not when one function serves customers and the console", () => {
    const merged = brokenBy(({ functions }) => {
      functions.index.also.push("admin");
      delete functions.admin;
    });
    const broken = ["there are at least four functions", "no function serves both sides", "no function mixes what vercel.json keeps apart"];
    expect(merged).toEqual(expect.arrayContaining(broken));
  });

  it("is not when a function weighs 100 MB with all it takes along", () => {
    expect(brokenBy(() => {}, ENGINE[1])).toEqual(["every function is below 100 MB"]);
  });
});

describe("the address of a route", () => {
  it("is what its function is called", () => {
    expect(ROUTES.map(addressOf)).toEqual(["index", "keys", "api/v1/[[...path]]", "admin", "admin/uploads/trpc/[trpc]"]);
  });

  it("is found by the first rewrite, past everything that only puts headers on", () => {
    const routes = [
      { src: "^/api/v1.*$", headers: {}, continue: true },
      { handle: "rewrite" },
      { src: "^/api/v1(?:/(?<nxtPpath>.+?))?(?<rscSuffix>\\.rsc)$", dest: "/api/v1/[[...path]]$rscSuffix?nxtPpath=$nxtPpath" },
      { src: "^/api/v1(?:/(?<nxtPpath>.+?))?(?:/)?$", dest: "/api/v1/[[...path]]?nxtPpath=$nxtPpath" },
    ];
    expect(resolveAddress({ routes }, "/api/v1/models/x/predictions")).toBe("api/v1/[[...path]]");
    expect(resolveAddress({ routes }, "/elsewhere")).toBeUndefined();
  });
});
