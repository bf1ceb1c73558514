/**
 * Makes the console's first operator where there is none: `node --conditions=react-server --import tsx bin/first-operator.ts`. Prints one
 * line of JSON when there is a password to tell: it has to be changed at the first sign-in.
 */
import { closeDatabase } from "@/server/core/db";
import { ensureFirstOperator } from "@/server/modules/operators/service.admin";

try {
  const told = await ensureFirstOperator();
  if (told) process.stdout.write(`${JSON.stringify(told)}\n`);
} finally {
  await closeDatabase();
}
