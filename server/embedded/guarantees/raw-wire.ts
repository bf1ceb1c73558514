import net from "node:net";
import mongoose from "mongoose";

/** Messages of the wire protocol made byte by byte, for what no driver would send. */
const { BSON } = mongoose.mongo;

/** An int32 as its bytes. */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** A message with a header whose length fits, unless another one is given. */
export function makeMessage(operation: number, rest: Buffer, length = 16 + rest.length): Buffer {
  return Buffer.concat([int32(length), int32(1), int32(0), int32(operation), rest]);
}

/** An OP_MSG with these flags and sections. */
export function makeOpMsg(sections: Buffer[], flags = 0): Buffer {
  return makeMessage(2013, Buffer.concat([int32(flags), ...sections]));
}

/** A section of kind 0. */
export function makeBody(document: object): Buffer {
  return Buffer.concat([Buffer.from([0]), BSON.serialize(document)]);
}

/** A section of kind 1, which claims to be of `length` bytes if that is given. */
export function makeSequence(name: string, documents: Buffer[], length?: number): Buffer {
  const rest = Buffer.concat([Buffer.from(`${name}\0`), ...documents]);
  return Buffer.concat([Buffer.from([1]), int32(length ?? 4 + rest.length), rest]);
}

/** What became of a connection: the bytes it was answered, and whether it was the server that closed it. */
export interface Outcome {
  answers: Buffer;
  isClosed: boolean;
}

/** Sends the pieces one by one over a connection of its own and waits until it is closed, or has been answered. */
export function sendBytes(address: string, pieces: readonly Buffer[], { ends = false } = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = { answers: Buffer.alloc(0), isClosed: false };
    const socket = net.connect({ path: address }, () => {
      for (const piece of pieces) socket.write(piece);
      if (ends) socket.end();
    });
    socket.setNoDelay(true);
    const finish = () => {
      socket.destroy();
      resolve(outcome);
    };
    socket.on("data", (chunk) => {
      outcome.answers = Buffer.concat([outcome.answers, chunk]);
      const isWhole = outcome.answers.length >= 4 && outcome.answers.length >= outcome.answers.readInt32LE(0);
      if (isWhole && !ends) finish();
    });
    socket.on("close", () => {
      outcome.isClosed = true;
      finish();
    });
    socket.on("error", () => undefined);
  });
}

/** The document of an answer. */
export function readAnswer({ answers }: Outcome): mongoose.mongo.BSON.Document {
  return BSON.deserialize(answers.subarray(21));
}
