/** Half of what the API carries, with a key and everything on, for many minutes: does it stay as it is? */
import { predictOne } from "../calls.mjs";
import { driveCalls, driveSteadily } from "../drive.mjs";
import { end, startRole } from "../servers.mjs";
import { makeWorld } from "../world.mjs";
import { say } from "../../support/say.mjs";
import { showRate } from "../numbers.mjs";

const WINDOWS_A_MINUTE = 2;
const WARM_UP_SECONDS = 30;
/** A process that has just started carries a part of what it will. */
const FULL_WARM_UP_SECONDS = 15;

/** @returns {Promise<{ callsPerSecond: number, windows: object[] }>} one window for each half minute, after a warm-up of another one */
export async function measureSoak({ folder, minutes, ...setting }) {
  const { dataFolder, key } = await makeWorld(folder, "soak");
  const api = await startRole({ role: "api", dataFolder });
  const full = await driveCalls({ folder, ...setting, warmUpSeconds: FULL_WARM_UP_SECONDS }, api, [predictOne(key)]);
  const callsPerSecond = Math.round(full.callsPerSecond / 2);
  say(`  full load is ${showRate(full.callsPerSecond)} calls/s; ${showRate(callsPerSecond)} calls/s for ${minutes} minutes`);
  const steady = { ...setting, folder, warmUpSeconds: Math.min(WARM_UP_SECONDS, minutes * 30), seconds: 60 / WINDOWS_A_MINUTE };
  const count = Math.max(1, Math.round(minutes * WINDOWS_A_MINUTE));
  const windows = await driveSteadily(steady, api, [predictOne(key)], { windows: count, callsPerSecond });
  await end(api);
  return { callsPerSecond, windows };
}
