/**
 * The last step of a build on Vercel (vercel.json). For a preview it fills the database of its branch: the demo models and the console's
 * first operator. That is done here and not by the first call, because functions carry neither the demo nor what publishes it, and a
 * preview whose models cannot be loaded should not replace the one before. For any other build there is nothing to do.
 */
import { describeConsole, ensureFirstOperator, loadDemoModels } from "./support/database.mjs";
import { main, PlainError, say } from "./support/say.mjs";

await main(async () => {
  if (process.env.VERCEL_ENV !== "preview") return;
  if (!process.env.MONGODB_URI) {
    throw new PlainError("A preview needs a database: set MONGODB_URI for previews. Each branch gets one of its own there.");
  }
  await loadDemoModels();
  const operator = await ensureFirstOperator();
  if (operator) say(`Console: ${describeConsole(`https://${process.env.VERCEL_BRANCH_URL || process.env.VERCEL_URL}`, operator)}`);
});
