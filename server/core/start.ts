import "server-only";
import { startMetrics } from "@/server/core/process-metrics";
import { startTracing } from "@/server/core/tracing";

/** Begins what a process tells of itself, as far as it is configured. @throws {Error} as `env` */
export function startTelling(): void {
  startMetrics();
  startTracing();
}
