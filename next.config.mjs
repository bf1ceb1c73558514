import { readFileSync } from "node:fs";

/** The native library of the inference engine: `onnxruntime_binding.node` opens it by name, so tracing cannot see it. */
const onnxLibrary = ["node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1"];

/**
 * What the addresses below `/admin/uploads` take along to start the program that opens foreign model files: its bundle (bin/bundle-programs.ts), and the
 * inference engine, which nothing of the function itself imports.
 */
const inspector = [
  ".cache/inspector.mjs",
  "node_modules/onnxruntime-node/package.json",
  "node_modules/onnxruntime-node/dist/*.js",
  "node_modules/onnxruntime-node/bin/napi-v6/linux/x64/*",
  "node_modules/onnxruntime-common/package.json",
  "node_modules/onnxruntime-common/dist/cjs/*.js",
  "node_modules/onnxruntime-common/dist/cjs/package.json",
];

/** With the program for slow models (bin/bundle-programs.ts) where processes stay; a function runs them itself, as few calls share it. */
const predicts = process.env.VITRINE_STANDALONE === "1" ? [...onnxLibrary, ".cache/predict-runner.mjs"] : onnxLibrary;

/**
 * What no function needs: data on disk, the demo models, the embedded server and its storage, the tools. A pattern matches anywhere
 * in a path, so a bare `bin/**` would take the inference engine's binding with it.
 */
const neverDeployed = [
  ".data/**",
  "demo/*/*",
  "server/embedded/**",
  "node_modules/lmdb/**",
  "node_modules/@lmdb/**",
  "node_modules/tsx/**",
  "node_modules/esbuild/**",
  "node_modules/@esbuild/**",
  "node_modules/typescript/**",
];

/**
 * What writes spans, loaded at run time where `OTEL_EXPORTER_OTLP_ENDPOINT` says where to. A function or a copy of the standalone folder
 * has it along if that was set while it was built, and is free of it otherwise.
 */
const openTelemetry = ["node_modules/@opentelemetry/*/package.json", "node_modules/@opentelemetry/*/{build,dist}/**/*.{js,cjs}"];
const tracing = process.env.OTEL_EXPORTER_OTLP_ENDPOINT
  ? { includes: { "/**": openTelemetry }, excludes: [] }
  : { includes: {}, excludes: ["node_modules/@opentelemetry/**"] };

/** The API says the same without Next (server/api/listen.ts). Pages get a policy of their own, with a nonce, from proxy.ts. */
const { everywhere, data } = JSON.parse(readFileSync(new URL("./lib/security-headers.json", import.meta.url), "utf8"));
const toList = (headers) => Object.entries(headers).map(([key, value]) => ({ key, value }));

/** A preview is for whoever works on its branch: no search engine keeps it, whatever address it was given. */
const previewHeaders =
  process.env.VERCEL_ENV === "preview" ? [{ source: "/:path*", headers: [{ key: "X-Robots-Tag", value: "noindex, nofollow" }] }] : [];

/** @type {import("next").NextConfig} */
export default {
  /** For a container: `.next/standalone` holds a server and what it needs of node_modules. */
  ...(process.env.VITRINE_STANDALONE === "1" && { output: "standalone" }),
  distDir: process.env.NEXT_DIST_DIR || ".next",
  poweredByHeader: false,
  reactStrictMode: true,
  /**
   * A page has a title at every moment: the old one goes when the next has come. Left alone, Next sends titles apart from their pages (the
   * first setting ends that for every reader), and takes the old one out as soon as it guesses the next page's layout (the second ends that).
   * e2e/title.spec.ts watches over both.
   */
  htmlLimitedBots: /./,
  experimental: { optimisticRouting: false },
  /** The API door answers every address itself, also one with a slash too many. */
  skipTrailingSlashRedirect: true,
  devIndicators: false,
  /** `npm test` has a stage of its own for types; a build that comes after it need not check them twice. */
  typescript: { ignoreBuildErrors: process.env.VITRINE_SKIP_TYPES === "1" },
  serverExternalPackages: ["onnxruntime-node", "mongoose", "mongodb", "bson", "lmdb", "tsx", "pino"],
  outputFileTracingIncludes: { "/api/v1/**": predicts, "/api/trpc/**": predicts, "/admin/uploads/**": inspector, ...tracing.includes },
  outputFileTracingExcludes: { "/**": [...neverDeployed, ...tracing.excludes] },
  headers: async () => [
    { source: "/:path*", headers: toList(everywhere) },
    ...previewHeaders,
    { source: "/api/:path*", headers: toList(data) },
    /** Addresses of mailed links are secrets: already the page's first scripts are asked for without them. */
    { source: "/:page(confirm|reset|outbox)", headers: [{ key: "Referrer-Policy", value: "no-referrer" }] },
    { source: "/admin/:kind(trpc|auth|uploads|jobs)/:path*", headers: toList(data) },
    // By its ending alone it would be taken for a video.
    { source: "/vitrine.d.ts", headers: [{ key: "Content-Type", value: "text/plain; charset=utf-8" }] },
    { source: "/health", headers: toList(data) },
  ],
};
