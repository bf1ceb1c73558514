/** The same calls to our API, to Next as its host, to a bare `node:http` and to the peer. */
import { predictByPeer, predictOne, readAnswer } from "../calls.mjs";
import { driveCalls } from "../drive.mjs";
import { measureInTurn } from "../rounds.mjs";
import { end, startBare, startPeer, startRole } from "../servers.mjs";
import { makeWorld } from "../world.mjs";

/** Node goes on compiling what is called often for some ten seconds. */
const TRIALS = 2;

/** @returns {Promise<object[]>} rounds, by target: `visitor` `key` `nextVisitor` `nextKey` `bare`, with the peer `peer` `peerHealth` */
export async function measureTargets({ folder, rounds, peer, ...setting }) {
  const world = await makeWorld(folder, "targets");
  const { dataFolder, key } = world;
  const api = await startRole({ role: "api", dataFolder });
  const next = await startRole({ role: "api", dataFolder, onNext: true });
  const bare = await startBare(folder, await readAnswer(api.address, predictOne(null)));
  const python = peer && (await startPeer(peer));
  const drive = (server, call) => () => driveCalls({ folder, ...setting }, server, [call]);
  const targets = {
    visitor: drive(api, predictOne(null)),
    key: drive(api, predictOne(key)),
    nextVisitor: drive(next, predictOne(null)),
    nextKey: drive(next, predictOne(key)),
    bare: drive(bare, predictOne(null)),
    ...(python && { peer: drive(python, predictByPeer()), peerHealth: drive(python, { method: "GET", path: "/health" }) }),
  };
  const shown = await measureInTurn(rounds, targets, { trials: TRIALS });
  for (const server of [api, next, bare, python]) if (server) await end(server);
  return shown;
}
