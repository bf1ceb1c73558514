import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serializeDocument } from "./bson";
import { checkLock, isAlive, readLock, toConnectOptions } from "./lock-file";
import { encodeMessage } from "./wire";

const WAIT_MS = 15_000;
const STEP_MS = 20;

/**
 * Asks the server of a data folder to end and waits until it has. Without a server there is nothing to do.
 * @throws Error when it has not ended after 15 seconds
 */
export async function stopEmbedded(dataFolder: string): Promise<void> {
  const folder = path.resolve(dataFolder);
  const end = Date.now() + WAIT_MS;
  let stopping: number | null = null;
  while (Date.now() < end) {
    // The lock goes a moment before the process does.
    if (stopping !== null && !isAlive(stopping)) return;
    if (stopping === null) {
      const lock = readLock(folder);
      const state = lock ? await checkLock(lock) : "gone";
      if (!lock || state === "gone") return;
      if (state === "serving" && lock.address) {
        askToStop(lock.address);
        stopping = lock.pid;
      }
    }
    await sleep(STEP_MS);
  }
  throw new Error(`The embedded database for ${folder} did not end within ${WAIT_MS / 1000} seconds`);
}

/** Sends the shutdown command. Its reply does not matter: what counts is that the lock goes. */
function askToStop(address: string): void {
  const socket = net.connect(toConnectOptions(address));
  socket.on("error", () => socket.destroy());
  socket.on("data", () => socket.destroy());
  socket.on("connect", () => socket.write(encodeMessage(0, serializeDocument({ shutdown: 1, $db: "admin" }))));
}
