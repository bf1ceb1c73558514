import { createServer } from "node:http";
import { parsePort } from "./port.mjs";
import { PlainError } from "./say.mjs";

/** As server/core/metrics-text.ts names the text format. */
const TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** @returns {[number, string]} the status and the text */
function tell({ method, url }) {
  if (url.split("?")[0] !== "/metrics") return [404, "Only /metrics is here.\n"];
  if (method !== "GET" && method !== "HEAD") return [405, "Only to be read.\n"];
  const metrics = globalThis.vitrineMetrics;
  return metrics ? [200, metrics.write()] : [503, "Nothing is counted yet.\n"];
}

function answer(request, response) {
  const [status, text] = tell(request);
  const headers = { "Content-Type": status === 200 ? TYPE : "text/plain", "Content-Length": Buffer.byteLength(text), "Cache-Control": "no-store" };
  response.writeHead(status, { ...headers, ...(status === 405 && { Allow: "GET, HEAD" }) });
  response.end(request.method === "HEAD" ? undefined : text);
}

/** The variables of one of several processes on this machine: the first tells its figures on METRICS_PORT, each further one on the next port. */
export function metricsOf(index) {
  const port = Number(process.env.METRICS_PORT);
  // What is no port is refused by name where each process looks at its variables.
  return port > 0 ? { METRICS_PORT: String(port + index) } : {};
}

/**
 * Opens the port on which this process tells its own figures (server/core/process-metrics.ts keeps them on `globalThis`), apart from the
 * one that customers reach: METRICS_PORT, for this machine only unless METRICS_HOST says otherwise.
 * @returns {Promise<() => Promise<void>>} closes it; where METRICS_PORT is not set there is none
 * @throws {PlainError} when the port is taken
 */
export async function openMetrics() {
  const port = parsePort(process.env.METRICS_PORT, null);
  if (port === null) return async () => undefined;
  const host = process.env.METRICS_HOST || "127.0.0.1";
  const server = createServer(answer);
  await new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new PlainError(`Metrics cannot be told on ${host}, METRICS_PORT ${port}: ${error.message}`)));
    server.listen(port, host, resolve);
  });
  return () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
}
