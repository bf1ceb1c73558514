import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") },
    conditions: ["react-server", "module", "node"],
  },
  // Without "module": some packages mean files by it that bundlers alone can read.
  ssr: { resolve: { conditions: ["react-server", "node"], externalConditions: ["react-server", "node"] } },
  test: { include: ["**/*.test.{ts,mjs}"], exclude: ["node_modules/**", ".next*/**", ".cache/**", "e2e/**"], testTimeout: 20_000, hookTimeout: 30_000 },
});
