import { defineConfig } from "@playwright/test";

/** Chromium must neither reach for the network on its own nor need a sandbox that containers refuse. */
const quietBrowser = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-features=OptimizationHints,MediaRouter,Translate",
];

/** `node bin/e2e.mjs` sets both: where the product runs, and which browser to drive. */
const baseURL = process.env.BASE_URL ?? "http://127.0.0.1:3000";
const executablePath = process.env.CHROMIUM_PATH;

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  workers: 2,
  timeout: 30_000,
  expect: { timeout: 7_000 },
  reporter: process.env.VITRINE_REPORT ? [["line"], ["json", { outputFile: process.env.VITRINE_REPORT }]] : [["line"]],
  /**
   * The console's journeys come second: they publish models, which customers' pages then show. The longest goes by itself: it forges an entry
   * of the audit for a while, which others find whole.
   */
  projects: [
    { name: "site", testIgnore: "**/admin/**" },
    { name: "console", testMatch: "**/admin/*.spec.ts", testIgnore: "**/whole-way.spec.ts", dependencies: ["site"] },
    { name: "whole way", testMatch: "**/admin/whole-way.spec.ts", dependencies: ["console"] },
  ],
  use: {
    baseURL,
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    screenshot: "only-on-failure",
    launchOptions: { args: quietBrowser, ...(executablePath ? { executablePath } : {}) },
  },
});
