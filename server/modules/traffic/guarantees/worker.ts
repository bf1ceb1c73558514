import { setTimeout as sleep } from "node:timers/promises";
import { closeDatabase, database, pingDatabase } from "@/server/core/db";
import { recordCalls } from "@/server/modules/traffic/test-support";

/** What away.test.ts watches: a process that records calls without looking at the database, then ends when the database is there. */
const [, , round = "0", rounds = "0"] = process.argv;
const EVERY_MS = 20;

await database();
process.send?.("ready");
let left = Number(rounds);
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    recordCalls(Number(round), { model: "churn", customerId: "cus_1", cameBy: "session" });
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    resolve();
  }, EVERY_MS);
});
while (!(await pingDatabase().then(() => true, () => false))) await sleep(EVERY_MS);
await closeDatabase();
process.exit(0);
