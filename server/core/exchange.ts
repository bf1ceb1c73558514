import "server-only";

/** Header fields, read by their name in any case; several lines of one name are one with commas between. The Web's `Headers` fit. */
export interface HeaderReader {
  get: (name: string) => string | null;
  has: (name: string) => boolean;
}

/** What comes in as a body, piece by piece. The Web's `ReadableStream` fits. */
export interface BodySource {
  /** The whole of a body that was here with its call, as most are; null where more is to come, and then nothing is taken. */
  readArrived?: () => Promise<Uint8Array | null>;
  getReader: () => { read: () => Promise<{ value?: Uint8Array | undefined }>; cancel: () => Promise<void> };
}

/** A call as a door reads it, whatever host took it: the Web's `Request` fits, and so does what `server/api/listen.ts` makes of Node's. */
export interface Asked {
  readonly method: string;
  /** With its origin. */
  readonly url: string;
  /** The same, parsed, where the host has it. */
  readonly address?: URL;
  readonly headers: HeaderReader;
  readonly body: BodySource | null;
}

/** A call whose body was read and bounded, as JSON; null for one that has none. */
export interface BoundCall {
  asked: Asked;
  body: { text: string; value: unknown } | null;
}

/** The name of a header field, in lower case: to write it so each time anew would cost more than to keep the field. */
type FieldName = Lowercase<string>;

const toFieldName = (name: string) => name.toLowerCase() as FieldName;

/** Header fields of an answer. The Web's `Headers` check and sort at every step, which costs more than the rest of an answer. */
export class HeaderFields implements HeaderReader {
  readonly #fields = new Map<FieldName, string>();

  constructor(fields: Iterable<readonly [string, string]> | Readonly<Record<string, string>> = []) {
    const pairs = Symbol.iterator in fields ? fields : Object.entries(fields);
    for (const [name, value] of pairs) this.set(toFieldName(name), value);
  }

  get(name: string): string | null {
    return this.#fields.get(toFieldName(name)) ?? null;
  }

  has(name: string): boolean {
    return this.#fields.has(toFieldName(name));
  }

  set(name: FieldName, value: string): void {
    this.#fields.set(name, value);
  }

  append(name: FieldName, value: string): void {
    const before = this.#fields.get(name);
    this.set(name, before === undefined ? value : `${before}, ${value}`);
  }

  forEach(tell: (value: string, name: FieldName) => void): void {
    this.#fields.forEach(tell);
  }

  [Symbol.iterator](): IterableIterator<[FieldName, string]> {
    return this.#fields[Symbol.iterator]();
  }
}

/** What a door answers, made as the Web's `Response` is made; a host writes it in its own way. */
export class Answer {
  readonly body: string | Buffer<ArrayBuffer> | null;
  readonly status: number;
  readonly headers: HeaderFields;

  constructor(body: Answer["body"], { status = 200, headers = {} }: { status?: number; headers?: HeaderFields | Record<string, string> } = {}) {
    this.body = body;
    this.status = status;
    this.headers = headers instanceof HeaderFields ? headers : new HeaderFields(headers);
  }
}

/** An answer for a host that speaks the Web's own words. */
export function toResponse({ body, status, headers }: Answer): Response {
  return new Response(body, { status, headers: [...headers] });
}

/** Most calls ask the same few addresses again and again. */
const MOST_PARSED = 500;
const LONGEST_KEPT = 300;
const parsed = new Map<string, URL>();

/** The address of a call, to be read alone: calls of the same address share it. */
export function addressOf({ address, url }: Pick<Asked, "address" | "url">): URL {
  return address ?? parseAddress(url);
}

/** As {@link addressOf}. */
export function parseAddress(url: string): URL {
  const known = parsed.get(url);
  if (known) return known;
  const address = new URL(url);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  if (url.length <= LONGEST_KEPT) parsed.set(url, address);
  return address;
}
