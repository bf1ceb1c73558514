import "server-only";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { type Asked, type BodySource, type HeaderReader, parseAddress } from "@/server/core/exchange";

class IncomingHeaders implements HeaderReader {
  readonly #headers: IncomingHttpHeaders;

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers;
  }

  get(name: string): string | null {
    const value = this.#headers[name] ?? this.#headers[name.toLowerCase()];
    return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
  }

  has(name: string): boolean {
    return this.#headers[name.toLowerCase()] !== undefined;
  }
}

type Piece = { value?: Uint8Array | undefined };

/** Node tells of a call before it has looked at what came in the same piece; a moment later a small body is there as a whole. */
const aMoment = Promise.resolve();

/** Whether all of the body is here. Its length says so sooner than Node, who lets others have their turn before the end of a body. */
function isHere({ complete, headers, readableLength }: IncomingMessage): boolean {
  return complete || readableLength === Number(headers["content-length"]);
}

async function readArrived(incoming: IncomingMessage): Promise<Uint8Array | null> {
  await aMoment;
  if (incoming.readableEnded || !isHere(incoming)) return null;
  const arrived: unknown = incoming.read();
  return arrived instanceof Uint8Array ? arrived : new Uint8Array(0);
}

/** Reads what has arrived, and waits where nothing has. */
class IncomingReader {
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  async read(): Promise<Piece> {
    await aMoment;
    return this.#take() ?? this.#wait();
  }

  /** @returns what has arrived; an empty piece at the end; null where more is to come */
  #take(): Piece | null {
    const incoming = this.#incoming;
    const arrived: unknown = incoming.read();
    if (arrived instanceof Uint8Array) return { value: arrived };
    return incoming.readableEnded || (incoming.complete && incoming.readableLength === 0) ? {} : null;
  }

  /** @throws {Error} when the connection breaks off */
  async #wait(): Promise<Piece> {
    const incoming = this.#incoming;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        incoming.off("readable", settle).off("end", settle).off("error", settle).off("close", settle);
        if (error instanceof Error) reject(error);
        else resolve();
      };
      incoming.on("readable", settle).on("end", settle).on("error", settle).on("close", settle);
    });
    if (incoming.destroyed && !incoming.complete) throw new Error("The connection broke off.");
    return this.#take() ?? this.#wait();
  }

  async cancel(): Promise<void> {
    this.#incoming.resume();
  }
}

/** What of a body is taken after the answer, so that a caller who is still sending comes to read it: bytes, and milliseconds. */
const MOST_LEFT_BYTES = 8 * 1024 * 1024;
const MOST_LEFT_MS = 5_000;

/** Bounds what a caller goes on sending after it was answered. */
export function boundRest(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) return;
  let left = MOST_LEFT_BYTES;
  const cut = setTimeout(() => incoming.destroy(), MOST_LEFT_MS);
  incoming.once("close", () => clearTimeout(cut));
  incoming.once("end", () => clearTimeout(cut));
  incoming.on("data", (part: Uint8Array) => {
    left -= part.byteLength;
    if (left < 0) incoming.destroy();
  });
}

/** A call as Node's server took it. */
export class IncomingCall implements Asked {
  readonly incoming: IncomingMessage;
  readonly method: string;
  readonly headers: HeaderReader;
  readonly body: BodySource;
  #address: URL | undefined;

  constructor(incoming: IncomingMessage) {
    this.incoming = incoming;
    this.method = incoming.method ?? "GET";
    this.headers = new IncomingHeaders(incoming.headers);
    this.body = { readArrived: () => readArrived(incoming), getReader: () => new IncomingReader(incoming) };
  }

  /** Of a connection without TLS; whether there is some in front of us, proxies say. */
  get url(): string {
    return `http://${this.incoming.headers.host ?? "localhost"}${this.incoming.url ?? "/"}`;
  }

  get address(): URL {
    return (this.#address ??= parseAddress(this.url));
  }
}
