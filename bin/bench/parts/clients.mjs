/** The same prediction by tRPC's official client, unbatched, and by REST and `fetch`, both from programs in Node. */
import { MODEL, ROW } from "../calls.mjs";
import { driveClient } from "../drive.mjs";
import { measureInTurn } from "../rounds.mjs";
import { end, startRole } from "../servers.mjs";
import { makeWorld } from "../world.mjs";

/** @returns {Promise<object[]>} rounds, by client: `trpc` and `rest` */
export async function measureClients({ folder, rounds, ...setting }) {
  const { dataFolder } = await makeWorld(folder, "clients");
  const api = await startRole({ role: "api", dataFolder });
  const drive = (kind) => () => driveClient({ folder, ...setting }, api, { kind, model: MODEL, input: ROW, headers: {} });
  const shown = await measureInTurn(rounds, { trpc: drive("trpc"), rest: drive("rest") });
  await end(api);
  return shown;
}
