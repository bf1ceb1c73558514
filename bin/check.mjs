/** `npm run check`: types, lint and borders, all at once, in seconds. */
import { checkBorders, checkLint, checkTypes } from "./checks/stages.mjs";
import { ensureInstalled } from "./support/install.mjs";
import { requireNode } from "./support/project.mjs";
import { main, say, secondsSince } from "./support/say.mjs";

await main(async () => {
  requireNode();
  await ensureInstalled();
  const start = performance.now();
  const outcomes = await Promise.all([checkTypes(), checkLint(), checkBorders()]);
  for (const line of outcomes.flatMap((outcome) => outcome.lines)) say(line);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  say(`${passed} passed, ${failed} failed (types, lint, borders in ${secondsSince(start)})`);
  process.exitCode = failed > 0 ? 1 : 0;
});
