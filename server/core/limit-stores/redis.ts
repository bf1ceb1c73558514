import "server-only";
import { createHash } from "node:crypto";
import { Redis as UpstashRedis, type UpstashRequest, type UpstashResponse } from "@upstash/redis";
import { Redis } from "ioredis";

/** How long a command may take, and a connection; how soon a lost server is looked for again. */
const TIMEOUT_MS = 1_000;
const LOOK_AGAIN_MS = 250;

/** One connection a process, kept on `globalThis` because Next evaluates modules more than once. */
const holder: typeof globalThis & { vitrineRedis?: { url: string; client: Redis } } = globalThis;

function connect(url: string): Redis {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    // A connection that says nothing any more is given up; the next one may lead to a server that is well.
    socketTimeout: TIMEOUT_MS,
    // A count that may have been made must not be made again, and none must wait for a server that is away.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 50, LOOK_AGAIN_MS),
  });
  // Every command that fails tells whoever asked; without a listener the client would print addresses.
  client.on("error", () => {});
  return client;
}

function connectionTo(url: string): Redis {
  if (holder.vitrineRedis?.url === url) return holder.vitrineRedis.client;
  holder.vitrineRedis?.client.disconnect();
  const client = connect(url);
  holder.vitrineRedis = { url, client };
  return client;
}

/** Ends the connection, for tests and commands that come to an end. */
export function closeRedis(): void {
  holder.vitrineRedis?.client.disconnect();
  delete holder.vitrineRedis;
}

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

/** `#!lua flags=allow-key-locking`: a flag that only Upstash knows; any other Redis refuses the whole script for it. */
const FLAGS_LINE = /^#!lua [^\n]*\n/;

/**
 * Speaks to a plain Redis for a client of Upstash. Scripts go without their line of flags, and therefore under another hash: a
 * hash is unknown until the script itself came by once.
 */
class PlainRequester {
  readonly #client: Redis;
  readonly #hashes = new Map<string, string>();

  constructor(client: Redis) {
    this.#client = client;
  }

  async request<Result>({ body }: UpstashRequest): Promise<UpstashResponse<Result>> {
    if (!Array.isArray(body)) throw new Error("Only single commands are spoken.");
    const [name, ...args] = body.map(String);
    const result = await this.#send(name ?? "", args);
    // What a command answers is known to its caller alone; ratelimit.ts checks it.
    return { result: result as Result };
  }

  #send(name: string, args: string[]): Promise<unknown> {
    const [script = "", ...rest] = args;
    if (name === "evalsha") {
      const own = this.#hashes.get(script);
      return own === undefined ? Promise.reject(new Error("NOSCRIPT")) : this.#client.call("evalsha", own, ...rest);
    }
    if (name !== "eval") return this.#client.call(name, ...args);
    const plain = script.replace(FLAGS_LINE, "");
    this.#hashes.set(sha1(script), sha1(plain));
    return this.#client.call("eval", plain, ...rest);
  }
}

/** A plain Redis with the call signatures of Upstash's client. */
export function openRedis(url: string): UpstashRedis {
  return new UpstashRedis(new PlainRequester(connectionTo(url)));
}
