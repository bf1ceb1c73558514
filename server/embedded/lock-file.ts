import { createHash } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

/** Who serves a data folder, as its lock file says. */
export interface LockRecord {
  pid: number;
  /** Socket path, or "127.0.0.1:port"; null while the server is starting. */
  address: string | null;
  startedAt: number;
}

const LOCK_NAME = "server.lock";
const SOCKET_NAME = "db.sock";
/** The kernel's limit is 107 bytes of path (103 on macOS). */
const MAX_SOCKET_BYTES = 100;
/** Before it answers a server reads all of its data once. */
const START_MS = 60_000;
const TAKEOVER_MS = 10_000;

export function readLock(dataFolder: string): LockRecord | null {
  try {
    const parsed: unknown = JSON.parse(fs.readFileSync(path.join(dataFolder, LOCK_NAME), "utf8"));
    return isLockRecord(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isLockRecord(value: unknown): value is LockRecord {
  if (typeof value !== "object" || value === null) return false;
  const { pid, address, startedAt } = value as Partial<LockRecord>;
  return typeof pid === "number" && typeof startedAt === "number" && (address === null || typeof address === "string");
}

/** "serving": answers; "starting": wait a moment; "gone": the lock is a leftover. */
export async function checkLock(lock: LockRecord): Promise<"serving" | "starting" | "gone"> {
  // A server in another container has a number that means nothing here, but its socket answers.
  const isReachable = lock.address !== null && (await canConnect(lock.address));
  if (isReachable && (isAlive(lock.pid) || path.isAbsolute(lock.address ?? ""))) return "serving";
  if (!isAlive(lock.pid)) return "gone";
  if (lock.address === null) return Date.now() - lock.startedAt < START_MS ? "starting" : "gone";
  return "gone";
}

export function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** How to reach an address with node:net. */
export function toConnectOptions(address: string): net.NetConnectOpts {
  const port = /^127\.0\.0\.1:(\d+)$/.exec(address)?.[1];
  return port ? { host: "127.0.0.1", port: Number(port) } : { path: address };
}

/** Whether somebody listens there. A server that is busy does, and so does, for a moment, one that was killed. */
function canConnect(address: string): Promise<boolean> {
  return tryServer(address, (socket, settle) => socket.on("connect", () => settle(true)));
}

/** `{ ping: 1, $db: "admin" }` as an OP_MSG. */
const PING = Buffer.from(
  "330000000100000000000000dd07000000000000" + "001e0000001070696e67000100000002246462000600000061646d696e0000",
  "hex",
);

/** Whether a server answers there, which one that is on its way out does not. */
export function answersPing(address: string): Promise<boolean> {
  return tryServer(address, (socket, settle) => {
    socket.on("connect", () => socket.write(PING));
    socket.on("data", () => settle(true));
    socket.on("close", () => settle(false));
  });
}

function tryServer(address: string, listen: (socket: net.Socket, settle: (isUp: boolean) => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(toConnectOptions(address));
    const settle = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.setTimeout(2000, () => settle(false));
    socket.on("error", () => settle(false));
    listen(socket, settle);
  });
}

/**
 * Makes this process the server of the folder.
 * @returns null, or the record of the live server that has it already
 */
export async function acquireLock(dataFolder: string): Promise<LockRecord | null> {
  for (;;) {
    if (createLock(dataFolder)) return null;
    const lock = readLock(dataFolder);
    if (lock && (await checkLock(lock)) !== "gone") return lock;
    await removeStaleLock(dataFolder, lock);
  }
}

function createLock(dataFolder: string): boolean {
  const record: LockRecord = { pid: process.pid, address: null, startedAt: Date.now() };
  // Written aside and linked into place, so that nobody ever reads half a lock.
  const draft = path.join(dataFolder, `${LOCK_NAME}.${process.pid}`);
  try {
    fs.writeFileSync(draft, JSON.stringify(record));
    fs.linkSync(draft, path.join(dataFolder, LOCK_NAME));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** One process at a time may remove a leftover, and only if it is still the one that was looked at. */
async function removeStaleLock(dataFolder: string, seen: LockRecord | null): Promise<void> {
  const guard = path.join(dataFolder, `${LOCK_NAME}.takeover`);
  try {
    fs.closeSync(fs.openSync(guard, "wx"));
  } catch {
    const held = fs.statSync(guard, { throwIfNoEntry: false });
    // One that is gone by now may be the next one's a moment later: that one must stay.
    if (held && Date.now() - held.mtimeMs > TAKEOVER_MS) fs.rmSync(guard, { force: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    return;
  }
  try {
    const current = readLock(dataFolder);
    const isSame = current?.pid === seen?.pid && current?.startedAt === seen?.startedAt;
    if (isSame) fs.rmSync(path.join(dataFolder, LOCK_NAME), { force: true });
  } finally {
    fs.rmSync(guard, { force: true });
  }
}

/** Says in the lock where the server is to be found. */
export function announceAddress(dataFolder: string, address: string): void {
  const file = path.join(dataFolder, LOCK_NAME);
  const draft = `${file}.${process.pid}`;
  const record: LockRecord = { pid: process.pid, address, startedAt: Date.now() };
  fs.writeFileSync(draft, JSON.stringify(record));
  fs.renameSync(draft, file);
}

/** Lets go of the folder, if it is still this process's. */
export function releaseLock(dataFolder: string): void {
  if (readLock(dataFolder)?.pid === process.pid) fs.rmSync(path.join(dataFolder, LOCK_NAME), { force: true });
}

/**
 * The socket path for a data folder, in a folder only this user can enter; null where sockets are not files. Lower
 * case and ".sock" at the end, or drivers take it for a host name.
 * @throws Error when somebody else owns the folder for it
 */
export function prepareSocketPath(dataFolder: string): string | null {
  if (process.platform === "win32") return null;
  const beside = path.join(dataFolder, "run", SOCKET_NAME);
  const hash = createHash("sha256").update(path.resolve(dataFolder)).digest("hex").slice(0, 16);
  const elsewhere = path.join(os.tmpdir(), `vitrine-${hash}`, SOCKET_NAME);
  const chosen = Buffer.byteLength(beside) <= MAX_SOCKET_BYTES ? beside : elsewhere;
  const folder = path.dirname(chosen);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const info = fs.lstatSync(folder);
  if (!info.isDirectory() || info.uid !== process.getuid?.()) {
    throw new Error(`${folder} belongs to somebody else; the embedded database will not put its socket there`);
  }
  fs.chmodSync(folder, 0o700);
  fs.rmSync(chosen, { force: true });
  return chosen;
}
