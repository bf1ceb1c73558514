import { endDatabase, ensureFirstOperator, loadDemoModels } from "./database.mjs";
import { serve } from "./host.mjs";
import { ensureInstalled } from "./install.mjs";
import { endOnSignal } from "./lifetime.mjs";
import { parsePort, requireFreePort } from "./port.mjs";
import { endChildren } from "./process.mjs";
import { requireNode } from "./project.mjs";

/**
 * Brings the product up with the demo models in it and a database beside it, for one machine: what can be refused is refused before
 * any work is done, and whatever was started ends with the process.
 * @param {{ command: string, dev: boolean, prepare?: () => Promise<void> }} options `command` is what the reader typed; `prepare` runs
 *   once everything is installed
 * @returns {Promise<{ address: string, operator: { email: string, password: string } | null }>} the address to open, and the console's
 *   way in where it has to be told
 */
export async function runProduct({ command, dev, prepare }) {
  requireNode();
  const port = parsePort(process.env.PORT, 3_000);
  const host = process.env.HOST || "127.0.0.1";
  await requireFreePort(port, host, command);

  const started = { server: null, operator: null };
  const endAll = async () => {
    await endChildren();
    await started.server?.close();
    await endDatabase();
  };
  endOnSignal(endAll);
  try {
    await ensureInstalled();
    await prepare?.();
    await loadDemoModels();
    Object.assign(process.env, { NODE_ENV: dev ? "development" : "production", VITRINE_EMBEDDED: "1", NEXT_TELEMETRY_DISABLED: "1" });
    // One line for each call would push the addresses out of sight.
    process.env.LOG_LEVEL ||= "warn";
    if (!process.env.SMTP_URL) process.env.VITRINE_OUTBOX = "1";
    started.operator = await ensureFirstOperator();
    started.server = await serve({ dev, port, host, command });
  } catch (error) {
    await endAll();
    throw error;
  }
  return { address: `http://localhost:${started.server.port}`, operator: started.operator };
}
