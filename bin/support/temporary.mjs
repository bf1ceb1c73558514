import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The name under which the embedded server leaves a note with its process id in its data folder. */
const LOCK = "server.lock";

/** A folder of this run alone. Its name is short: sockets lie in it, and their paths may have 100 bytes. */
export function makeTemporaryFolder() {
  return mkdtempSync(path.join(tmpdir(), "vt-"));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function embeddedServersBelow(folder) {
  const locks = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => path.basename(name) === LOCK);
  return locks.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(path.join(folder, name), "utf8")).pid];
    } catch {
      return [];
    }
  });
}

/** Ends the embedded servers whose data lies below the folder, each a process of its own that would stay for its grace, and removes the folder. */
export async function clearTemporaryFolder(folder) {
  const pids = embeddedServersBelow(folder).filter(isAlive);
  for (const pid of pids) process.kill(pid, "SIGTERM");
  const end = performance.now() + 5_000;
  while (pids.some(isAlive) && performance.now() < end) await sleep(20);
  for (const pid of pids.filter(isAlive)) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
