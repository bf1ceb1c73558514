/**
 * `npm start`: the product as one process, or with ROLE=site|api|admin that part of it, from the build that is there. PORT, HOST,
 * TRUST_PROXY=1 behind a proxy of your own (2 behind two).
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { describeConsole, ensureFirstOperator } from "./support/database.mjs";
import { checkEnvironment } from "./support/environment.mjs";
import { serve } from "./support/host.mjs";
import { endOnSignal } from "./support/lifetime.mjs";
import { parsePort } from "./support/port.mjs";
import { buildFolder, requireNode } from "./support/project.mjs";
import { hostsApi, servesConsole, servesPages } from "./support/role.mjs";
import { main, PlainError, say } from "./support/say.mjs";

await main(async () => {
  requireNode();
  process.env.NODE_ENV = "production";
  // The API alone looks at them by itself, in a tenth of the time.
  if (servesPages() || !hostsApi()) await checkEnvironment();
  if (!existsSync(path.join(buildFolder(), "BUILD_ID"))) throw new PlainError("There is no build yet: npm run build");
  const host = process.env.HOST || undefined;
  const running = await serve({ dev: false, port: parsePort(process.env.PORT, 3_000), host, command: "npm start" });
  endOnSignal(() => running.close());
  const operator = servesConsole() ? await ensureFirstOperator().catch((error) => say(error.message) ?? null) : null;
  const address = `http://${host ?? "localhost"}:${running.port}`;
  const part = process.env.ROLE && process.env.ROLE !== "all" ? ` (${process.env.ROLE})` : "";
  say(`Vitrine${part} listens on ${address}${operator ? `\nConsole: ${describeConsole(address, operator)}` : ""}`);
});
