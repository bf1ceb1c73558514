import { execFile } from "node:child_process";
import { describe, expect, it } from "vitest";
import { inProject } from "../support/project.mjs";
import { plantProject } from "./planted.mjs";

const SERVER_ONLY = 'import "server-only";\n';
const value = (from) => `import { it } from "${from}";\nexport const use = it;\n`;
const server = (...from) =>
  SERVER_ONLY + from.map((name, index) => `import { it as it${index} } from "${name}";\nexport const use${index} = it${index};\n`).join("");
const thing = "export const it = 1;\n";
const serverThing = SERVER_ONLY + thing;

/** A project that keeps every rule: all of it hangs together from its pages. */
const CLEAN = {
  "app/(site)/page.tsx": value("@/server/site/caller"),
  "app/(api)/api/v1/route.ts": value("@/server/api/rest"),
  "app/(admin)/admin/page.tsx": value("@/server/admin/session"),
  "server/site/caller.ts": `${server("@/server/modules/catalog/router")}${thing}`,
  "server/api/rest.ts": `${server("@/server/modules/catalog/router", "@/server/modules/predict/router")}${thing}`,
  "server/admin/session.ts": `${server("@/server/modules/catalog/service.admin")}${thing}`,
  "server/modules/catalog/router.ts": `${server("@/server/modules/catalog/service")}${thing}`,
  "server/modules/catalog/service.ts": `${server("@/server/modules/catalog/repository")}${thing}`,
  "server/modules/catalog/service.admin.ts": `${server("@/server/modules/catalog/repository")}${thing}`,
  "server/modules/catalog/repository.ts": `${server("@/server/modules/catalog/collection", "@/server/core/db")}${thing}`,
  "server/modules/catalog/collection.ts": `${SERVER_ONLY}import { Schema } from "mongoose";\nexport const it = Schema;\n`,
  "server/modules/predict/router.ts": `${server("@/server/modules/predict/service")}${thing}`,
  "server/modules/predict/service.ts": `${server("@/server/modules/catalog/service", "@/server/modules/predict/runtime")}${thing}`,
  "server/modules/predict/runtime.ts": `${SERVER_ONLY}import { InferenceSession } from "onnxruntime-node";\nexport const it = InferenceSession;\n`,
  "server/core/db.ts": `${server("@/server/embedded/ensure")}import { createConnection } from "mongoose";\nexport const it = createConnection;\n`,
  "server/embedded/ensure.ts": value("./store") + thing,
  "server/embedded/store.ts": 'import { open } from "lmdb";\nexport const it = open;\n',
};

/** Rooms that may call others, or none, but never the one that predicts. */
const QUIET_ROOMS = ["accounts", "catalog", "history", "keys", "operations", "traffic", "usage"];
/** Of these, every file counts as the console's. */
const CONSOLE_ROOMS = ["alerts", "audit", "operators", "uploads"];
const plantCalls = (room) => [
  [`${room}-calls`, [`server/modules/${room}/l.ts`, server("@/server/modules/predict/service")]],
  [`${room}-admin-calls`, [`server/modules/${room}/n.admin.ts`, server("@/server/modules/predict/service")]],
];
const plantConsoleCalls = (room) => [[`${room}-admin-calls`, [`server/modules/${room}/n.ts`, server("@/server/modules/predict/service")]]];

/** rule → [file, text]: one arrow each that must not be. */
const OFFENCES = {
  "customer-never-imports-admin": ["app/(site)/a/page.tsx", value("@/components/admin/table")],
  "admin-never-imports-customer": [
    "app/(admin)/admin/b/page.tsx",
    `${value("@/server/admin/session")}import { it as other } from "@/server/api/rest";\nexport const o = other;\n`,
  ],
  "route-group-enters-by-its-own-door": ["app/(site)/c/page.tsx", value("@/server/api/rest")],
  "root-pages-enter-by-the-site": ["app/not-found.tsx", value("@/server/core/db")],
  "doors-are-apart": ["server/site/d.ts", server("@/server/api/rest")],
  "pages-never-predict": ["server/site/e.ts", server("@/server/modules/predict/service")],
  "nobody-imports-app": ["server/core/f.ts", server("@/app/(site)/page")],
  "routers-belong-to-doors": ["server/modules/catalog/g.ts", server("@/server/modules/catalog/router")],
  "collection-belongs-to-repository": ["server/modules/catalog/h.ts", server("@/server/modules/catalog/collection")],
  "repository-belongs-to-room": ["server/api/i.ts", server("@/server/modules/catalog/repository")],
  "onnx-stays-in-runtime": [
    "server/modules/predict/j.ts",
    `${SERVER_ONLY}import { Tensor } from "onnxruntime-node";\nexport const it = Tensor;\n`,
  ],
  "no-unlisted-room": ["server/modules/batches/k.ts", serverThing + server("@/server/core/db")],
  "predict-calls": ["server/modules/predict/m.ts", server("@/server/modules/catalog/repository")],
  "predict-admin-calls": ["server/modules/predict/o.admin.ts", server("@/server/modules/catalog/repository")],
  ...Object.fromEntries([...QUIET_ROOMS.flatMap(plantCalls), ...CONSOLE_ROOMS.flatMap(plantConsoleCalls)]),
  "core-knows-nobody": ["server/core/p.ts", server("@/server/modules/catalog/service")],
  "mongoose-stays-in-data-files": ["server/api/q.ts", `${SERVER_ONLY}import { Types } from "mongoose";\nexport const it = Types;\n`],
  "embedded-has-one-entry": ["server/core/r.ts", server("@/server/embedded/ensure")],
  "core-only-ensures-embedded": [
    "server/core/db.ts",
    `${CLEAN["server/core/db.ts"]}import { it as store } from "@/server/embedded/store";\nexport const s = store;\n`,
  ],
  "embedded-knows-nobody": ["server/embedded/t.ts", value("../core/db")],
  "embedded-needs-little": ["server/embedded/u.ts", 'import { z } from "zod";\nexport const it = z;\n'],
  "storage-stays-in-embedded": ["server/core/v.ts", `${SERVER_ONLY}import { open } from "lmdb";\nexport const it = open;\n`],
  "browser-code-imports-types-only": ["components/ui/w.tsx", value("@/server/core/db")],
  "no-zod-in-the-browser": ["components/ui/x.tsx", 'import { z } from "zod";\nexport const it = z;\n'],
  "lib-knows-nobody": ["lib/y.ts", value("@/components/ui/w")],
  "no-cycles": ["lib/one.ts", 'import { two } from "@/lib/two";\nexport const one = () => two;\n'],
  "no-barrels": ["lib/z.ts", value("@/lib/all/index")],
  "imports-resolve": ["lib/gone.ts", value("@/lib/nowhere")],
  "tests-stay-outside": ["lib/tested.ts", value("@/lib/some.test")],
  "no-dead-modules": ["lib/dead.ts", thing],
  "commands-start-before-install": ["bin/demo.mjs", 'import { z } from "zod";\nexport const it = z;\n'],
  "server-files-say-server-only": ["server/core/bare.ts", thing],
  "console-pages-pass-the-door": ["app/(admin)/admin/open/page.tsx", thing],
};
const BESIDE = {
  "lib/two.ts": 'import { one } from "@/lib/one";\nexport const two = () => one;\n',
  "lib/all/index.ts": thing,
  "lib/some.test.ts": thing,
  "components/admin/table.tsx": thing,
};

const REACH_OFFENCES = {
  "customer-cannot-reach-admin": {
    "server/api/rest.ts": `${server("@/server/api/far")}${thing}`,
    "server/api/far.ts": server("@/server/modules/catalog/service.admin"),
  },
  "admin-cannot-reach-customer-doors": {
    "server/admin/session.ts": `${server("@/server/modules/catalog/far")}${thing}`,
    "server/modules/catalog/far.ts": server("@/server/api/rest"),
  },
  "pages-cannot-reach-onnx": {
    "server/site/caller.ts": `${server("@/server/modules/catalog/far")}${thing}`,
    "server/modules/catalog/far.ts": server("@/server/modules/predict/runtime"),
  },
  "components-cannot-reach-server": { "components/ui/w.tsx": value("@/lib/far"), "lib/far.ts": value("@/server/core/db") },
};

function cruise(files, config) {
  const planted = plantProject(files, ["tsconfig.json", config]);
  const folders = [
    "app",
    "server",
    ...["components", "lib", "bin"].filter((name) => Object.keys(files).some((file) => file.startsWith(`${name}/`))),
  ];
  const command = [
    inProject("node_modules/dependency-cruiser/bin/dependency-cruise.mjs"),
    "--config",
    config,
    "--output-type",
    "json",
    ...folders,
  ];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { cwd: planted.folder, maxBuffer: 50_000_000 }, (_error, stdout, stderr) => {
      planted.remove();
      try {
        const { summary } = JSON.parse(stdout);
        const violations = summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
        resolve({
          violations,
          rules: [...(summary.ruleSetUsed.forbidden ?? []), ...(summary.ruleSetUsed.required ?? [])].map(({ name }) => name),
        });
      } catch {
        reject(new Error(stderr || stdout));
      }
    });
  });
}

describe("the borders", () => {
  it("find nothing in a project that keeps them", async () => {
    const [imports, reach] = await Promise.all([cruise(CLEAN, ".dependency-cruiser.cjs"), cruise(CLEAN, ".dependency-cruiser.reach.cjs")]);
    expect([...imports.violations, ...reach.violations]).toEqual([]);
  });

  it("find an offence of each kind, in the file it was planted in", async () => {
    const planted = Object.fromEntries(Object.values(OFFENCES));
    const { violations, rules } = await cruise({ ...CLEAN, ...BESIDE, ...planted }, ".dependency-cruiser.cjs");
    expect(Object.keys(OFFENCES).sort()).toEqual(rules.sort());
    const missed = Object.entries(OFFENCES).filter(
      ([rule, [file]]) => !violations.some((found) => found.rule === rule && (found.from === file || rule === "no-cycles")),
    );
    expect(missed.map(([rule]) => rule)).toEqual([]);
  });

  it("follow whole chains at run time", async () => {
    const planted = Object.assign({}, ...Object.values(REACH_OFFENCES).map((files) => ({ ...files })));
    planted["server/modules/catalog/far.ts"] = server("@/server/api/rest", "@/server/modules/predict/runtime");
    const { violations, rules } = await cruise({ ...CLEAN, ...planted }, ".dependency-cruiser.reach.cjs");
    expect(Object.keys(REACH_OFFENCES).sort()).toEqual(rules.sort());
    expect(rules.filter((rule) => !violations.some((found) => found.rule === rule))).toEqual([]);
  });
});
