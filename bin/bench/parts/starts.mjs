/** How long a process of each role takes until it is ready, and until its first prediction is there. */
import { predictOne, readAnswer } from "../calls.mjs";
import { measureInTurn } from "../rounds.mjs";
import { end, startRole } from "../servers.mjs";
import { makeWorld } from "../world.mjs";
import { say } from "../../support/say.mjs";

const STARTS = {
  api: { role: "api" },
  nextApi: { role: "api", onNext: true },
  site: { role: "site" },
  admin: { role: "admin" },
  all: { role: "all" },
};
const predicts = ({ role }) => role === "api" || role === "all";

async function startOnce(dataFolder, which) {
  const server = await startRole({ ...which, dataFolder });
  const began = performance.now();
  if (predicts(which)) await readAnswer(server.address, predictOne(null));
  const firstMs = predicts(which) ? performance.now() - began : null;
  await end(server);
  return { readyMs: server.readyMs, firstMs };
}

/**
 * The database runs already.
 * @returns {Promise<object[]>} rounds, by the keys of {@link STARTS}: `readyMs` from the start on, `firstMs` after that
 */
export async function measureStarts({ folder, rounds }) {
  const { dataFolder } = await makeWorld(folder, "starts");
  const holder = await startRole({ role: "api", dataFolder });
  const targets = Object.entries(STARTS).map(([name, which]) => {
    const measure = async () => {
      const shown = await startOnce(dataFolder, which);
      say(`  ${name}: ready after ${Math.round(shown.readyMs)} ms`);
      return shown;
    };
    return [name, measure];
  });
  const shown = await measureInTurn(rounds, Object.fromEntries(targets), { trials: 0 });
  await end(holder);
  return shown;
}
