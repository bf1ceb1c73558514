/**
 * Ends the embedded server of a data folder when nobody uses it any more; with others connected it is left to end by itself.
 * `node --conditions=react-server --import tsx bin/end-database.ts DATA_FOLDER`
 */
import { connect } from "node:net";
import { resolve } from "node:path";
import { deserializeTyped, serializeDocument } from "@/server/embedded/bson";
import { readLock, toConnectOptions } from "@/server/embedded/lock-file";
import { stopEmbedded } from "@/server/embedded/stop";
import { encodeMessage, FrameSplitter } from "@/server/embedded/wire";

/** Where the document begins in an OP_MSG: header, flags, kind of section. */
const BODY_OFFSET = 21;

/** How many connections the server holds, the asking one among them; null when nobody answers there. */
function countConnections(address: string): Promise<number | null> {
  return new Promise((settle) => {
    const socket = connect(toConnectOptions(address));
    const frames = new FrameSplitter();
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => settle(null));
    socket.on("connect", () => socket.write(encodeMessage(0, serializeDocument({ serverStatus: 1, $db: "admin" }))));
    socket.on("data", (chunk: Buffer) => {
      for (const frame of frames.push(chunk)) {
        const { connections } = deserializeTyped(frame.subarray(BODY_OFFSET)) as { connections?: { current?: unknown } };
        settle(Number(connections?.current));
        socket.destroy();
      }
    });
  });
}

const folder = resolve(process.argv[2] ?? ".data");
const lock = readLock(folder);
const others = lock?.address ? await countConnections(lock.address) : null;
if (others === 1) await stopEmbedded(folder);
