/** What a row costs in calls of one row to a thousand, for visitors and with everything on; and how many rows all cores carry. */
import { predictMany, predictOne } from "../calls.mjs";
import { driveCalls } from "../drive.mjs";
import { measureInTurn } from "../rounds.mjs";
import { end, startRole } from "../servers.mjs";
import { makeWorld } from "../world.mjs";

const ROWS = [1, 10, 100, 1_000];
/** More under way at once would wait, not work. */
const MOST_ROWS = 4_000;

/**
 * @returns {Promise<object[]>} rounds, by `visitor-1` to `key-1000`, and `cores-1000` for visitors of an API with a process for each core;
 *   each with `rows`, how many one call carried
 */
export async function measureRows({ folder, rounds, ...setting }) {
  const { dataFolder, key } = await makeWorld(folder, "rows");
  const api = await startRole({ role: "api", dataFolder });
  const onAllCores = await startRole({ role: "api", dataFolder, args: ["--processes", "cores"] });
  const drive = (server, rows, secret) => async () => {
    const call = rows === 1 ? predictOne(secret) : predictMany(secret, rows);
    const connections = Math.min(setting.connections, Math.floor(MOST_ROWS / rows));
    return { rows, connections, ...(await driveCalls({ folder, ...setting, connections }, server, [call])) };
  };
  const targets = ROWS.flatMap((rows) => [
    [`visitor-${rows}`, drive(api, rows, null)],
    [`key-${rows}`, drive(api, rows, key)],
  ]);
  const shown = await measureInTurn(rounds, { ...Object.fromEntries(targets), "cores-1000": drive(onAllCores, 1_000, null) });
  for (const server of [api, onAllCores]) await end(server);
  return shown;
}
