/** Targets that are measured in turn, round by round, so that what a machine does beside meets all of them. */
import { say } from "../support/say.mjs";
import { showFailures, showRate } from "./numbers.mjs";

/** The order of a round: each begins with another target, so that none always follows the same one. */
export function rotate(names, round) {
  const by = round % names.length;
  return [...names.slice(by), ...names.slice(0, by)];
}

/**
 * @param {number} rounds
 * @param {Record<string, () => Promise<object>>} targets by name; each call is one measurement
 * @param {{ trials?: number }} options `trials`: rounds in front that do not count, so that nothing is measured cold
 * @returns {Promise<Record<string, object>[]>} for each round what each target showed
 */
export async function measureInTurn(rounds, targets, { trials = 1 } = {}) {
  const names = Object.keys(targets);
  const shown = [];
  for (let trial = 0; trial < trials; trial++) for (const name of names) await targets[name]();
  for (let round = 0; round < rounds; round++) {
    const measured = {};
    for (const name of rotate(names, round)) {
      measured[name] = await targets[name]();
      const { callsPerSecond, failures } = measured[name];
      if (callsPerSecond === undefined) continue;
      const failed = showFailures(failures);
      say(`  round ${round + 1} of ${rounds}, ${name}: ${showRate(callsPerSecond)} calls/s${failed && `, ${failed}`}`);
    }
    shown.push(Object.fromEntries(names.map((name) => [name, measured[name]])));
  }
  return shown;
}
