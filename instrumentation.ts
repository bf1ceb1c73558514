import { startTelling } from "@/server/core/start";

/** Next calls this once in each process, and in each function, before it answers anything. */
export function register(): void {
  startTelling();
}
