/** A process that looks at the rules and sends mails as the product does, several times in a row; started by rounds.test.ts. */
import { closeDatabase } from "@/server/core/db";
import { evaluateRules } from "@/server/modules/alerts/evaluation.admin";
import { deliverMails } from "@/server/modules/alerts/mails";

const [rounds = "1", ...team] = process.argv.slice(2);
for (let round = 0; round < Number(rounds); round++) {
  await evaluateRules(team);
  await deliverMails();
}
await closeDatabase();
