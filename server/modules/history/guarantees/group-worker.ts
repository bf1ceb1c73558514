import { recordPredictions } from "@/server/modules/history/service";
import { makePrediction, newCustomer } from "@/server/modules/history/test-support";

/**
 * What groups.test.ts kills: many calls at once that are recorded one after the other, without a door that lets in only some of them. Each
 * id is told once it is stored.
 */
const [, , customerId = "", lanes = "0"] = process.argv;
const caller = { ...newCustomer(), customerId };

await Promise.all(
  Array.from({ length: Number(lanes) }, async (_none, lane) => {
    for (;;) {
      const made = Array.from({ length: 1 + (lane % 3) }, () => makePrediction(new Date()));
      await recordPredictions(caller, made);
      process.send?.(made.map(({ id }) => id));
    }
  }),
);
