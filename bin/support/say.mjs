/** What the commands say: one line per step with its time, one line when something is wrong. */

/** A failure whose message is all the reader needs: it is printed without a stack. */
export class PlainError extends Error {}

export function say(line = "") {
  process.stdout.write(`${line}\n`);
}

export function secondsSince(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Names a piece of work, does it, says how long it took. `work` may answer with words to add to the line. */
export async function step(title, work) {
  const start = performance.now();
  say(`• ${title} …`);
  const note = await work();
  say(`  done in ${secondsSince(start)}${typeof note === "string" ? `, ${note}` : ""}`);
}

/** Runs a command's main function; a plain error ends it with its one line and exit code 1, anything else with its stack. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${error instanceof PlainError ? `✗ ${error.message}` : (error?.stack ?? error)}\n`);
    process.exit(1);
  }
}
