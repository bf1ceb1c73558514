/** A process of its own that acts: `act.ts many 50` performs so many at once, `act.ts hang` begins one that never ends and says so. */
import { closeDatabase } from "@/server/core/db";
import { performAct } from "@/server/modules/audit/service.admin";

const actor = { operator: { id: "opr_other", email: "other@example.com", name: "Other" }, address: "192.0.2.9", requestId: "req_other_process" };
const act = (id: string) => ({ action: "test.act", target: { kind: "test", id } });
const [how, count = "1"] = process.argv.slice(2);

if (how === "many") {
  const numbers = Array.from({ length: Number(count) }, (_, number) => number);
  await Promise.all(numbers.map((number) => performAct(actor, act(`other-${number}`), async () => ({ before: null, after: { number }, result: number }))));
  await closeDatabase();
} else {
  await performAct(actor, act("hanging"), () => {
    process.stdout.write("begun\n");
    return new Promise<never>(() => setInterval(() => undefined, 60_000));
  });
}
