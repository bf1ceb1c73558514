/** What can be reached at run time: type-only imports are dropped (tsPreCompilationDeps: false), whole chains are followed. */
const TEST = "\\.test\\.(tsx?|mjs)$";

const CONSOLE = ["^server/admin/", "^components/admin/", "^server/modules/(alerts|audit|operators|uploads)/", "\\.admin\\.tsx?$"];

const unreachable = (name, from, to) => ({ name, severity: "error", from: { path: from }, to: { path: to, reachable: true } });

module.exports = {
  forbidden: [
    unreachable("customer-cannot-reach-admin", "^app/\\((site|api)\\)/", CONSOLE),
    unreachable("admin-cannot-reach-customer-doors", "^app/\\(admin\\)/", ["^server/(site|api)/"]),
    unreachable("pages-cannot-reach-onnx", "^app/\\((site|admin)\\)/", "^server/modules/predict/runtime\\.ts$"),
    unreachable("components-cannot-reach-server", "^components/", "^server/"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: ["^(\\.next|\\.cache|test-results)", TEST] },
    tsPreCompilationDeps: false,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
