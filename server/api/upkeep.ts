import "server-only";
import { finishDeletionsBeside } from "@/server/modules/accounts/deletion";

const EVERY_MS = 10 * 60 * 1000;
let due = 0;

/**
 * What has to be done now and then, by whichever process is awake when a call comes in: a function on Vercel has no timers of its own.
 * Waits for nothing and never throws.
 */
export function keepUp(): void {
  if (performance.now() < due) return;
  due = performance.now() + EVERY_MS;
  finishDeletionsBeside();
}
