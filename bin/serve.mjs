/** `npm start`: the product as one process, from the build that is there. PORT, HOST, TRUST_PROXY=1 behind a proxy of your own. */
import { existsSync } from "node:fs";
import path from "node:path";
import { serve } from "./support/host.mjs";
import { endOnSignal } from "./support/lifetime.mjs";
import { parsePort } from "./support/port.mjs";
import { buildFolder, requireNode } from "./support/project.mjs";
import { main, PlainError, say } from "./support/say.mjs";

await main(async () => {
  requireNode();
  process.env.NODE_ENV = "production";
  if (!existsSync(path.join(buildFolder(), "BUILD_ID"))) throw new PlainError("There is no build yet: npm run build");
  const host = process.env.HOST || undefined;
  const running = await serve({ dev: false, port: parsePort(process.env.PORT, 3_000), host, command: "npm start" });
  endOnSignal(() => running.close());
  say(`Vitrine listens on http://${host ?? "localhost"}:${running.port}`);
});
