import "server-only";
import { env } from "@/server/core/env";
import { startMetrics } from "@/server/core/process-metrics";
import { startTracing } from "@/server/core/tracing";

/** Looks for what is wrong with the variables this process was given before anything starts. @throws {Error} one line that names one */
export function assertConfigured(): void {
  const { production, database } = env();
  if (production && !database.uri && !database.embeddedInProduction) {
    throw new Error("MONGODB_URI is not set; VITRINE_EMBEDDED=1 allows the embedded database instead");
  }
}

/** Begins what a process tells of itself, as far as it is configured. @throws {Error} as `env` */
export function startTelling(): void {
  startMetrics();
  startTracing();
}
