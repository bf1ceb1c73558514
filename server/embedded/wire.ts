import { deserializeTyped, serializeDocument, type Document } from "./bson";
import { DocumentList } from "./document-list";

/**
 * MongoDB's wire protocol, as far as current drivers speak it: OP_MSG (kinds 0 and 1) both ways, and the legacy
 * OP_QUERY `isMaster` that opens a connection. Everything else is a malformed frame.
 */
export const MAX_MESSAGE_BYTES = 48_000_000;

const HEADER_BYTES = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const FLAG_CHECKSUM = 1;
const FLAG_MORE_TO_COME = 2;
/** Bits 0-15 must be understood by the receiver; only these two are. */
const KNOWN_REQUIRED_FLAGS = FLAG_CHECKSUM | FLAG_MORE_TO_COME;

/** Fields of commands that may come as sections of their own. */
const SEQUENCES = new Set(["documents", "updates", "deletes", "ops", "nsInfo"]);

/** The bytes are not a message: the connection is closed, nothing is answered. */
export class MalformedFrame extends Error {}

export interface Request {
  id: number;
  kind: "message" | "legacy-query";
  command: Document;
  /** False when the client asked for no reply (unacknowledged writes). */
  wantsReply: boolean;
}

/** Cuts a byte stream into messages. Throws MalformedFrame on an impossible length. */
export class FrameSplitter {
  private chunks: Buffer[] = [];
  private size = 0;

  *push(chunk: Buffer): Generator<Buffer> {
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.size >= 4) {
      const head = this.peekHead();
      const length = head.readInt32LE(0);
      if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES + 16_384) throw new MalformedFrame(`length ${length}`);
      if (this.size < length) return;
      const all = this.chunks.length === 1 ? head : Buffer.concat(this.chunks);
      const rest = all.subarray(length);
      this.chunks = rest.length > 0 ? [rest] : [];
      this.size = rest.length;
      yield all.subarray(0, length);
    }
  }

  private peekHead(): Buffer {
    const [first] = this.chunks;
    if (first && first.length >= 4) return first;
    const joined = Buffer.concat(this.chunks);
    this.chunks = [joined];
    return joined;
  }
}

/** @throws MalformedFrame for anything that is not a well-formed request. */
export function parseRequest(frame: Buffer): Request {
  try {
    const operation = frame.readInt32LE(12);
    if (operation === OP_MSG) return parseMessage(frame);
    if (operation === OP_QUERY) return parseLegacyQuery(frame);
    throw new MalformedFrame(`operation ${operation}`);
  } catch (error) {
    if (error instanceof MalformedFrame) throw error;
    throw new MalformedFrame(error instanceof Error ? error.message : String(error));
  }
}

function readDocument(frame: Buffer, offset: number, end: number): { bytes: Buffer; next: number } {
  const length = frame.readInt32LE(offset);
  if (length < 5 || offset + length > end) throw new MalformedFrame("document length");
  return { bytes: frame.subarray(offset, offset + length), next: offset + length };
}

function parseMessage(frame: Buffer): Request {
  const flags = frame.readUInt32LE(HEADER_BYTES);
  if ((flags & 0xffff & ~KNOWN_REQUIRED_FLAGS) !== 0) throw new MalformedFrame("unknown flag");
  const end = frame.length - (flags & FLAG_CHECKSUM ? 4 : 0);
  let body: Document | null = null;
  const sequences = new Map<string, DocumentList>();
  let offset = HEADER_BYTES + 4;
  while (offset < end) {
    const kind = frame.readUInt8(offset);
    offset += 1;
    if (kind === 0) {
      if (body) throw new MalformedFrame("two bodies");
      const { bytes, next } = readDocument(frame, offset, end);
      body = deserializeTyped(bytes, isInsert(bytes) ? "documents" : undefined);
      offset = next;
    } else if (kind === 1) {
      offset = parseSequence(frame, offset, end, sequences);
    } else {
      throw new MalformedFrame(`section kind ${kind}`);
    }
  }
  if (!body) throw new MalformedFrame("no body");
  for (const [name, documents] of sequences) {
    if (Object.hasOwn(body, name)) throw new MalformedFrame("duplicate section");
    body[name] = documents;
  }
  return { id: frame.readInt32LE(4), kind: "message", command: body, wantsReply: (flags & FLAG_MORE_TO_COME) === 0 };
}

const INSERT = Buffer.from("insert\0");

/** Drivers send a few documents to insert in the body: these too are kept as they came. */
function isInsert(body: Buffer): boolean {
  return body.subarray(5, 5 + INSERT.length).equals(INSERT);
}

function parseSequence(frame: Buffer, start: number, limit: number, into: Map<string, DocumentList>): number {
  const length = frame.readInt32LE(start);
  const end = start + length;
  if (length < 6 || end > limit) throw new MalformedFrame("sequence length");
  const nul = frame.indexOf(0, start + 4);
  if (nul < 0 || nul >= end) throw new MalformedFrame("sequence name");
  const name = frame.toString("utf8", start + 4, nul);
  if (into.has(name) || !SEQUENCES.has(name)) throw new MalformedFrame("duplicate or unknown sequence");
  const documents: Buffer[] = [];
  let offset = nul + 1;
  while (offset < end) {
    const { bytes, next } = readDocument(frame, offset, end);
    documents.push(bytes);
    offset = next;
  }
  into.set(name, new DocumentList(documents));
  return end;
}

function parseLegacyQuery(frame: Buffer): Request {
  const nul = frame.indexOf(0, HEADER_BYTES + 4);
  if (nul < 0) throw new MalformedFrame("collection name");
  const { bytes } = readDocument(frame, nul + 9, frame.length);
  const command = deserializeTyped(bytes);
  command.$db = "admin";
  return { id: frame.readInt32LE(4), kind: "legacy-query", command, wantsReply: true };
}

let lastRequestId = 0;

function writeHeader(size: number, responseTo: number, operation: number): Buffer {
  lastRequestId = (lastRequestId + 1) & 0x7fffffff;
  const header = Buffer.alloc(size);
  header.writeInt32LE(lastRequestId, 4);
  header.writeInt32LE(responseTo, 8);
  header.writeInt32LE(operation, 12);
  return header;
}

/** Frames an OP_MSG reply around an encoded BSON document. */
export function encodeMessage(responseTo: number, body: Buffer): Buffer {
  const header = writeHeader(HEADER_BYTES + 5, responseTo, OP_MSG);
  header.writeInt32LE(header.length + body.length, 0);
  return Buffer.concat([header, body]);
}

/** Frames the OP_REPLY that answers a legacy OP_QUERY. */
export function encodeLegacyReply(responseTo: number, reply: Document): Buffer {
  const body = serializeDocument(reply);
  const header = writeHeader(HEADER_BYTES + 20, responseTo, OP_REPLY);
  header.writeInt32LE(header.length + body.length, 0);
  header.writeInt32LE(8, HEADER_BYTES);
  header.writeInt32LE(1, HEADER_BYTES + 16);
  return Buffer.concat([header, body]);
}
