/** Calls with a key while ten to a million predictions are stored: databases next to each other, each with an API of its own. */
import { predictOne, readAnswer } from "../calls.mjs";
import { driveCalls } from "../drive.mjs";
import { measureInTurn } from "../rounds.mjs";
import { end, startRole } from "../servers.mjs";
import { makeWorld, storePredictions } from "../world.mjs";
import { step } from "../../support/say.mjs";

const STORED = [10, 1_000, 100_000, 1_000_000];
/** Up to so many are stored anew before each measurement, which itself adds more of them than there were. */
const FEW = 10_000;

async function openWorld(folder, stored) {
  const world = await makeWorld(folder, `history-${stored}`);
  const api = await startRole({ role: "api", dataFolder: world.dataFolder });
  await readAnswer(api.address, predictOne(world.key));
  await step(`Storing ${stored.toLocaleString("en-US")} predictions`, async () => void (await storePredictions(world, stored)));
  return { ...world, api };
}

/** @param {number[]} sizes how many are stored @returns {Promise<object[]>} rounds, by `stored-10` to `stored-1000000` */
export async function measureHistory({ folder, rounds, sizes = STORED, ...setting }) {
  const worlds = [];
  for (const stored of sizes) worlds.push({ stored, ...(await openWorld(folder, stored)) });
  const targets = worlds.map(({ stored, api, ...world }) => {
    const measure = async () => {
      if (stored <= FEW) await storePredictions(world, stored);
      return driveCalls({ folder, ...setting }, api, [predictOne(world.key)]);
    };
    return [`stored-${stored}`, measure];
  });
  const shown = await measureInTurn(rounds, Object.fromEntries(targets));
  for (const { api } of worlds) await end(api);
  return shown;
}
