import { Binary, Long, Timestamp } from "bson";
import { serializeDocument, type Document } from "./bson";
import { nextTimestamp } from "./clock";

/** BSON element types used below (bsonspec.org). */
const TYPE_DOCUMENT = 0x03;
const TYPE_ARRAY = 0x04;

/**
 * A reply that carries stored documents byte for byte: a document decoded to a JavaScript object would lose the
 * order of integer-like keys. `fields` is everything else in the reply.
 */
export class CursorReply {
  constructor(
    readonly namespace: string,
    readonly cursorId: bigint,
    readonly batchName: "firstBatch" | "nextBatch",
    readonly batch: Buffer[],
    readonly fields: Document = {},
    /** Of change streams: where to go on after this batch. */
    readonly resumeToken?: Document,
  ) {}
}

export type Reply = Document | CursorReply;

const ZERO = new Timestamp({ t: 0, i: 0 });
const CLUSTER_TIME = readElements({
  operationTime: ZERO,
  // The empty signature of a server without keys.
  $clusterTime: { clusterTime: ZERO, signature: { hash: new Binary(Buffer.alloc(20)), keyId: Long.ZERO } },
});
const TIMES_AT = ["\x11operationTime\0", "\x11clusterTime\0"].map((name) => CLUSTER_TIME.indexOf(name) + name.length);

/** The fields that end every reply, encoded. */
export function buildClusterTime(): Buffer {
  const bytes = Buffer.from(CLUSTER_TIME);
  const { high, low } = nextTimestamp();
  for (const at of TIMES_AT) {
    bytes.writeInt32LE(low, at);
    bytes.writeInt32LE(high, at + 4);
  }
  return bytes;
}

/** Encodes a reply. @param last encoded elements to be put behind its own */
export function encodeReply(reply: Reply, last: Buffer = Buffer.alloc(0)): Buffer {
  if (!(reply instanceof CursorReply)) return wrapDocument([readElements(reply), last]);
  const cursor = wrapDocument([
    encodeElement(TYPE_ARRAY, reply.batchName, encodeArray(reply.batch)),
    readElements({ id: reply.cursorId, ns: reply.namespace, postBatchResumeToken: reply.resumeToken }),
  ]);
  return wrapDocument([encodeElement(TYPE_DOCUMENT, "cursor", cursor), readElements(reply.fields), last]);
}

function encodeElement(type: number, name: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`), value]);
}

/** The elements of a document without its length and terminator. */
function readElements(document: Document): Buffer {
  const bytes = serializeDocument(document);
  return bytes.subarray(4, bytes.length - 1);
}

function wrapDocument(elements: Buffer[]): Buffer {
  const size = elements.reduce((sum, element) => sum + element.length, 5);
  const bytes = Buffer.concat([Buffer.alloc(4), ...elements, Buffer.alloc(1)], size);
  bytes.writeInt32LE(size, 0);
  return bytes;
}

function encodeArray(documents: Buffer[]): Buffer {
  const names = documents.map((_, position) => String(position));
  const size = documents.reduce((sum, document, i) => sum + 2 + (names[i] ?? "").length + document.length, 5);
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeInt32LE(size, 0);
  let offset = 4;
  documents.forEach((document, i) => {
    bytes[offset] = TYPE_DOCUMENT;
    offset += 1;
    offset += bytes.write(`${names[i] ?? ""}\0`, offset, "latin1");
    offset += document.copy(bytes, offset);
  });
  bytes[offset] = 0;
  return bytes;
}
