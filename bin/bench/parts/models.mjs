/** Calls spread over one model to fifty: the same model under other names, so that a row costs the same. */
import { predictOne } from "../calls.mjs";
import { driveCalls } from "../drive.mjs";
import { measureInTurn } from "../rounds.mjs";
import { end, startRole } from "../servers.mjs";
import { makeWorld, publishCopies } from "../world.mjs";

const MODELS = [1, 5, 50];

/** @returns {Promise<object[]>} rounds, by the number of models; each number has a process of its own, so that its memory can be told */
export async function measureModels({ folder, rounds, ...setting }) {
  const world = await makeWorld(folder, "models");
  const { dataFolder } = world;
  const slugs = await publishCopies(world, Math.max(...MODELS));
  const targets = {};
  const servers = [];
  for (const count of MODELS) {
    const api = await startRole({ role: "api", dataFolder });
    const calls = slugs.slice(0, count).map((slug) => predictOne(null, slug));
    servers.push(api);
    targets[`models-${count}`] = () => driveCalls({ folder, ...setting }, api, calls);
  }
  const shown = await measureInTurn(rounds, targets);
  for (const server of servers) await end(server);
  return shown;
}
