/** `npm run e2e [-- spec …]`: the browser tests alone, against a product that runs already. BASE_URL, or http://127.0.0.1:3000. */
import { spawn } from "node:child_process";
import { ensureBrowser } from "./support/browser.mjs";
import { tool } from "./support/process.mjs";
import { root } from "./support/project.mjs";
import { main, PlainError } from "./support/say.mjs";

await main(async () => {
  const baseURL = process.env.BASE_URL ?? "http://127.0.0.1:3000";
  await fetch(baseURL).catch(() => {
    throw new PlainError(`Nothing answers at ${baseURL}. Start the product first (npm run demo), or set BASE_URL.`);
  });
  // Whoever names what to run wants that alone, not all that comes before it.
  const chosen = process.argv.length > 2 ? ["--no-deps", ...process.argv.slice(2)] : [];
  const env = { ...process.env, BASE_URL: baseURL, CHROMIUM_PATH: await ensureBrowser() };
  const child = spawn(process.execPath, [...tool("@playwright/test/cli.js"), "test", ...chosen], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  process.exitCode = await new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
});
