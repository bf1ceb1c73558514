/**
 * Who may import whom. Every arrow in the project is checked against this file.
 *   doors       server/{site,api,admin}   one per route group and kind of caller
 *   rooms       server/modules/<noun>     rules and data
 *   foundation  server/core               knows nobody
 *   embedded    server/embedded           the database that comes along, could be a package of its own
 */
const CUSTOMER_ROOMS = ["accounts", "catalog", "history", "keys", "operations", "predict", "traffic", "usage"];
/** Only operators use anything of these. */
const CONSOLE_ROOMS = ["alerts", "audit", "operators", "uploads"];
const ROOMS = [...CUSTOMER_ROOMS, ...CONSOLE_ROOMS];
/** room -> rooms whose service it may call. Adding an arrow is a decision: write it down in README. */
const MAY_CALL = {
  accounts: ["history", "keys", "traffic", "usage"],
  alerts: ["traffic"],
  keys: ["usage"],
  predict: ["catalog", "history", "traffic", "usage"],
  uploads: ["catalog"],
};

/** Tests and what only they use; guarantees that take processes to prove have folders of their own. */
const TEST = "(\\.test|/test-support)\\.(tsx?|mjs)$|^server/(embedded|modules/[^/]+)/guarantees/";
/** Where a process or a page begins: everything else is there because one of these leads to it. */
const BEGINNINGS = [
  "^app/",
  "^bin/",
  "^proxy\\.ts$",
  "^instrumentation\\.ts$",
  "^server/embedded/(main|stop|ensure)\\.ts$",
  "^server/modules/predict/inspector/main\\.admin\\.ts$",
  "^server/api/listen\\.ts$",
  "^server/modules/predict/slow/main\\.ts$",
];
const COMMANDS = "^bin/";
const ADMIN = [
  "^app/\\(admin\\)/",
  "^server/admin/",
  "^components/admin/",
  "^server/modules/(alerts|audit|operators|uploads)/",
  "\\.admin\\.tsx?$",
];
const CUSTOMER = ["^app/\\((site|api)\\)/", "^server/(site|api)/", "^server/modules/[^/]+/router\\.ts$"];
const DATA = "^server/modules/[^/]+/(collection|repository)\\.ts$";
const ROUTER = "^server/modules/[^/]+/router\\.ts$";

const forbid = (name, from, to) => ({ name, severity: "error", from, to });
const npm = (...names) => `node_modules/(${names.join("|")})/`;

/** A room calls another one by its service; what only operators use calls what only operators use as well. */
function roomCalls(room) {
  const others = (MAY_CALL[room] ?? []).join("|") || "none";
  const elsewhere = `^server/modules/(?!${room}/)`;
  const calls = forbid(
    `${room}-calls`,
    { path: `^server/modules/${room}/`, pathNot: ["\\.admin\\.ts$", TEST] },
    { path: elsewhere, pathNot: `^server/modules/(${others})/service\\.ts$` },
  );
  const isConsole = CONSOLE_ROOMS.includes(room);
  const adminCalls = forbid(
    `${room}-admin-calls`,
    { path: isConsole ? `^server/modules/${room}/` : `^server/modules/${room}/.+\\.admin\\.ts$`, pathNot: TEST },
    { path: elsewhere, pathNot: `^server/modules/(${others})/service(\\.admin)?\\.ts$` },
  );
  return isConsole ? [adminCalls] : [calls, adminCalls];
}

const doors = [
  forbid("customer-never-imports-admin", { pathNot: [...ADMIN, COMMANDS, TEST] }, { path: ADMIN }),
  forbid("admin-never-imports-customer", { path: ["^app/\\(admin\\)/", "^server/admin/"], pathNot: TEST }, { path: CUSTOMER }),
  forbid("route-group-enters-by-its-own-door", { path: "^app/\\((site|api|admin)\\)/" }, { path: "^server/", pathNot: "^server/$1/" }),
  forbid("root-pages-enter-by-the-site", { path: ["^app/[^(]", "^proxy\\.ts$"] }, { path: "^server/", pathNot: "^server/site/" }),
  forbid(
    "doors-are-apart",
    { path: "^server/(site|api|admin)/", pathNot: TEST },
    { path: "^server/(site|api|admin)/", pathNot: "^server/$1/" },
  ),
  forbid("pages-never-predict", { path: "^server/(site|admin)/" }, { path: "^server/modules/predict/" }),
  forbid("nobody-imports-app", { path: "^(server|lib|components|bin)/" }, { path: "^app/" }),
];

const rooms = [
  forbid("routers-belong-to-doors", { pathNot: ["^server/(api|site)/", TEST] }, { path: ROUTER }),
  forbid(
    "collection-belongs-to-repository",
    { pathNot: ["^server/modules/[^/]+/repository\\.ts$", TEST] },
    { path: "^server/modules/[^/]+/collection\\.ts$", dependencyTypesNot: ["type-only"] },
  ),
  forbid("repository-belongs-to-room", { pathNot: ["^server/modules/", TEST] }, { path: DATA }),
  forbid("onnx-stays-in-runtime", { pathNot: ["^server/modules/predict/runtime\\.ts$", TEST] }, { path: npm("onnxruntime-node") }),
  forbid("no-unlisted-room", { path: "^server/modules/", pathNot: `^server/modules/(${ROOMS.join("|")})/` }, {}),
  ...ROOMS.flatMap(roomCalls),
];

const foundation = [
  forbid(
    "core-knows-nobody",
    { path: "^server/core/", pathNot: TEST },
    { path: ["^server/(admin|api|modules|site)/", "^(app|components|bin)/"] },
  ),
  forbid(
    "mongoose-stays-in-data-files",
    { path: "^(app|server|components|lib|bin)/", pathNot: [DATA, TEST, "^server/core/(db|driver-mend)\\.ts$"] },
    { path: npm("mongoose", "mongodb") },
  ),
  forbid(
    "embedded-has-one-entry",
    { pathNot: ["^server/embedded/", "^server/core/db\\.ts$", COMMANDS, TEST] },
    { path: "^server/embedded/" },
  ),
  forbid(
    "core-only-ensures-embedded",
    { path: "^server/core/db\\.ts$" },
    { path: "^server/embedded/", pathNot: "^server/embedded/ensure\\.ts$" },
  ),
  forbid(
    "embedded-knows-nobody",
    { path: "^server/embedded/" },
    { path: ["^(app|components|lib|bin|e2e|demo)/", "^server/(?!embedded/)"] },
  ),
  forbid(
    "embedded-needs-little",
    { path: "^server/embedded/", pathNot: TEST },
    { path: "node_modules/", pathNot: npm("bson", "lmdb", "@types/node") },
  ),
  forbid("storage-stays-in-embedded", { pathNot: ["^server/embedded/", TEST] }, { path: npm("lmdb", "bson") }),
];

const browser = [
  forbid(
    "browser-code-imports-types-only",
    { path: "^(components|lib)/", pathNot: TEST },
    { path: "^server/", dependencyTypesNot: ["type-only"] },
  ),
  forbid(
    "no-zod-in-the-browser",
    { path: ["^components/", "^lib/(?!contracts/)"], pathNot: TEST },
    { path: ["^lib/contracts/", npm("zod")], dependencyTypesNot: ["type-only"] },
  ),
  forbid("lib-knows-nobody", { path: "^lib/" }, { path: "^(app|components|bin)/" }),
];

const everywhere = [
  forbid("no-cycles", {}, { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } }),
  forbid("no-barrels", {}, { path: "/index\\.tsx?$", pathNot: "node_modules" }),
  forbid("imports-resolve", { pathNot: TEST }, { couldNotResolve: true }),
  forbid("tests-stay-outside", { pathNot: [TEST, "^e2e/"] }, { path: [TEST, "^e2e/", npm("vitest", "@playwright")] }),
  forbid(
    "no-dead-modules",
    { path: BEGINNINGS, pathNot: TEST },
    { path: "^(server|lib|components)/", pathNot: [TEST, "\\.d\\.ts$", ...BEGINNINGS], reachable: false },
  ),
  forbid(
    "commands-start-before-install",
    { path: "^bin/.+\\.mjs$", pathNot: ["^bin/checks/", "\\.test\\.mjs$"] },
    { path: "node_modules/" },
  ),
];

module.exports = {
  forbidden: [...doors, ...rooms, ...foundation, ...browser, ...everywhere],
  required: [
    {
      name: "server-files-say-server-only",
      severity: "error",
      module: { path: "^server/", pathNot: [TEST, "^server/embedded/", "\\.d\\.ts$"] },
      to: { path: npm("server-only") },
    },
    {
      name: "console-pages-pass-the-door",
      severity: "error",
      module: { path: "^app/\\(admin\\)/admin/.+(page|route)\\.tsx?$", pathNot: "/sign-in/" },
      to: { path: "^server/admin/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(\\.next|\\.cache|test-results|e2e/consumer)" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      mainFields: ["main", "types"],
    },
  },
};
