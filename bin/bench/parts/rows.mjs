/** What a row costs in calls of one row to a thousand, for visitors and with everything on. */
import { predictMany, predictOne } from "../calls.mjs";
import { driveCalls } from "../drive.mjs";
import { measureInTurn } from "../rounds.mjs";
import { end, startRole } from "../servers.mjs";
import { makeWorld } from "../world.mjs";

const ROWS = [1, 10, 100, 1_000];
/** More under way at once would wait, not work. */
const MOST_ROWS = 4_000;

/** @returns {Promise<object[]>} rounds, by `visitor-1` to `key-1000`, each with `rows`, how many one call carried */
export async function measureRows({ folder, rounds, ...setting }) {
  const { dataFolder, key } = await makeWorld(folder, "rows");
  const api = await startRole({ role: "api", dataFolder });
  const drive = (rows, secret) => async () => {
    const call = rows === 1 ? predictOne(secret) : predictMany(secret, rows);
    const connections = Math.min(setting.connections, Math.floor(MOST_ROWS / rows));
    return { rows, connections, ...(await driveCalls({ folder, ...setting, connections }, api, [call])) };
  };
  const targets = ROWS.flatMap((rows) => [
    [`visitor-${rows}`, drive(rows, null)],
    [`key-${rows}`, drive(rows, key)],
  ]);
  const shown = await measureInTurn(rounds, Object.fromEntries(targets));
  await end(api);
  return shown;
}
