import { setTimeout as sleep } from "node:timers/promises";
import { closeDatabase, database, pingDatabase } from "@/server/core/db";
import { recordCalls } from "@/server/modules/traffic/test-support";

/**
 * What away.test.ts watches: a process that records calls without looking at the database until it is told that all is well again. Then it
 * records as many as it was told at its start, says how many it recorded in all, and ends.
 */
const [, , round = "0", calm = "0"] = process.argv;
const EVERY_MS = 20;

await database();
let recorded = 0;
function recordRound(): void {
  recordCalls(Number(round), { model: "churn", customerId: "cus_1", cameBy: "session" });
  recorded += Number(round);
}

const storm = setInterval(recordRound, EVERY_MS);
const told = new Promise((resolve) => process.once("message", resolve));
process.send?.("ready");
await told;
clearInterval(storm);
while (!(await pingDatabase().then(() => true, () => false))) await sleep(EVERY_MS);
for (let rounds = 0; rounds < Number(calm); rounds++) recordRound();
await closeDatabase();
process.send?.(recorded, () => process.exit(0));
