import { deserializeTyped, type Document } from "./bson";
import { fail } from "./errors";

/**
 * Documents of a command, decoded one by one as they are wanted: to decode a batch of a hundred thousand at once would hold up
 * everybody else.
 */
export class DocumentList {
  private decoded: { position: number; document: Document } | null = null;

  constructor(private readonly items: readonly (Buffer | Document)[]) {}

  get length(): number {
    return this.items.length;
  }

  /** @throws 22 when the bytes are no BSON document */
  at(position: number): Document {
    const item = this.items[position] ?? {};
    if (!(item instanceof Uint8Array)) return item;
    if (this.decoded?.position !== position) this.decoded = { position, document: decode(item) };
    return this.decoded.document;
  }

  *[Symbol.iterator](): Generator<Document> {
    for (let position = 0; position < this.length; position += 1) yield this.at(position);
  }

  /** The bytes the document came in, where it did. Storing these, not the decoded object, keeps the order of integer-like keys. */
  bytesAt(position: number): Buffer | undefined {
    const item = this.items[position];
    return item instanceof Buffer ? item : undefined;
  }
}

function decode(bytes: Uint8Array): Document {
  try {
    return deserializeTyped(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(22, "InvalidBSON", `The command holds a document that is not BSON: ${reason}`);
  }
}
