/** The native library of the inference engine: `onnxruntime_binding.node` opens it by name, so tracing cannot see it. */
const onnxLibrary = ["node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1"];

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

/** Everything comes from this origin. Inline scripts are Next's own bootstrap; development also evaluates modules and keeps a socket. */
function contentSecurityPolicy(development) {
  return [
    "default-src 'self'",
    `script-src 'self' 'unsafe-inline'${development ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self'${development ? " ws: wss:" : ""}`,
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const securityHeaders = [
  { key: "Content-Security-Policy", value: contentSecurityPolicy(process.env.NODE_ENV === "development") },
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
];

/** @type {import("next").NextConfig} */
export default {
  distDir: process.env.NEXT_DIST_DIR || ".next",
  poweredByHeader: false,
  reactStrictMode: true,
  /** The API door answers every address itself, also one with a slash too many. */
  skipTrailingSlashRedirect: true,
  devIndicators: false,
  /** `npm test` has a stage of its own for types; a build that comes after it need not check them twice. */
  typescript: { ignoreBuildErrors: process.env.VITRINE_SKIP_TYPES === "1" },
  serverExternalPackages: ["onnxruntime-node", "mongoose", "mongodb", "bson", "lmdb", "tsx"],
  outputFileTracingIncludes: { "/api/v1/**": onnxLibrary, "/api/trpc/**": onnxLibrary },
  outputFileTracingExcludes: { "/**": neverDeployed },
  headers: async () => [{ source: "/:path*", headers: securityHeaders }],
};
