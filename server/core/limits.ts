import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { database } from "@/server/core/db";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import { log } from "@/server/core/log";

/** Every policy counts in windows of one minute, aligned to the clock, so that all processes mean the same window. */
const WINDOW_SECONDS = 60;
/** How long a caller waits at most before the policy's own rule for a failed store applies: for a first connection, and for an answer. */
const CONNECT_TIMEOUT_MS = 2_500;
const ANSWER_TIMEOUT_MS = 1_000;
const DUPLICATE_KEY = 11_000;

export type PolicyName = "visitor_calls" | "visitor_rows";

interface Policy {
  /** Its name in the `RateLimit` headers. */
  label: string;
  /** What a refusal calls the things that are counted. */
  unit: string;
  /** How much fits into one window; 0 turns the policy off. */
  quota: () => number;
  /** Whether callers pass ("open") or wait ("closed") while the counters cannot be reached. */
  onStoreFailure: "open" | "closed";
}

/** Everything that is limited. Trying a model is worth more than counting it exactly, so visitors pass when the store fails. */
const policies: Record<PolicyName, Policy> = {
  visitor_calls: { label: "minute", unit: "calls", quota: () => env().visitor.callsPerMinute, onStoreFailure: "open" },
  visitor_rows: { label: "rows", unit: "rows", quota: () => env().visitor.rowsPerMinute, onStoreFailure: "open" },
};

export interface Take {
  policy: PolicyName;
  cost: number;
}

/** A refusal that knows the state of the counters; `headers` belong on the answer beside `Retry-After`. */
export class LimitReached extends DomainError {
  readonly headers: Headers;

  constructor(message: string, retryAfterSeconds: number, headers: Headers) {
    super("rate_limited", message, { retryAfterSeconds });
    this.headers = headers;
  }
}

interface Counter {
  _id: string;
  expires_at?: Date;
  salt?: string;
  used?: Partial<Record<PolicyName, number>>;
}

type Counters = Awaited<ReturnType<typeof counters>>;
interface Counted {
  taken: boolean;
  used: Counter["used"];
}

async function counters() {
  const connection = await within(CONNECT_TIMEOUT_MS, database());
  if (!connection.db) throw new Error("The connection has no database.");
  return connection.db.collection<Counter>("limits");
}

let indexed: Promise<unknown> | undefined;

/** Lets old windows go by themselves. Made once a process and not waited for: counting does not need it. */
function ensureExpiry(collection: Counters): void {
  indexed ??= collection.createIndex({ expires_at: 1 }, { expireAfterSeconds: 0 }).catch(() => {
    indexed = undefined;
  });
}

async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("The counters did not answer in time.")), milliseconds);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function quotaOf(take: Take): number {
  return policies[take.policy].quota();
}

/**
 * Counts all takes in one write that only matches while every one of them fits. A full window therefore ends as an attempt to
 * insert a second document under the same name; so does a race for the first call of a window, which is then tried again.
 */
async function countAll(collection: Counters, id: string, takes: Take[], expiresAt: Date): Promise<Counted> {
  const room = Object.fromEntries(takes.map((take) => [`used.${take.policy}`, { $not: { $gt: quotaOf(take) - take.cost } }]));
  const costs = Object.fromEntries(takes.map((take) => [`used.${take.policy}`, take.cost]));
  const tooMuch = (used: Counter["used"]) => takes.some((take) => (used?.[take.policy] ?? 0) + take.cost > quotaOf(take));
  for (let attempt = 0; ; attempt++) {
    try {
      if (tooMuch(undefined)) return { taken: false, used: (await collection.findOne({ _id: id }))?.used };
      const after = await collection.findOneAndUpdate(
        { _id: id, ...room },
        { $inc: costs, $setOnInsert: { expires_at: expiresAt } },
        { upsert: true, returnDocument: "after" },
      );
      return { taken: true, used: after?.used };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === DUPLICATE_KEY)) throw error;
    }
    const current = (await collection.findOne({ _id: id }))?.used;
    if (attempt >= 5 || tooMuch(current)) return { taken: false, used: current };
  }
}

/** The state of the counters as headers: IETF ratelimit-headers with one item a policy, and the older `X-RateLimit-*` for the first. */
function describeState(takes: Take[], used: Counter["used"], secondsLeft: number, resetAt: number): Headers {
  const states = takes.map((take) => ({
    label: policies[take.policy].label,
    quota: quotaOf(take),
    remaining: Math.max(0, quotaOf(take) - (used?.[take.policy] ?? 0)),
  }));
  const headers = new Headers();
  const [first] = states;
  if (!first) return headers;
  headers.set("RateLimit-Policy", states.map(({ label, quota }) => `"${label}";q=${quota};w=${WINDOW_SECONDS}`).join(", "));
  headers.set("RateLimit", states.map(({ label, remaining }) => `"${label}";r=${remaining};t=${secondsLeft}`).join(", "));
  headers.set("X-RateLimit-Limit", String(first.quota));
  headers.set("X-RateLimit-Remaining", String(first.remaining));
  headers.set("X-RateLimit-Reset", String(resetAt));
  return headers;
}

/**
 * Takes from every policy named, or from none of them.
 * @param subject who is counted; the same words in every process
 * @param takes what the call costs; policies that are turned off are left out
 * @param now milliseconds since 1970
 * @returns `RateLimit-Policy`, `RateLimit` and `X-RateLimit-*`; empty when nothing is limited or the store failed open
 * @throws {LimitReached} `rate_limited`, when one of them does not fit; nothing is counted then
 * @throws {DomainError} `database_unavailable`, when the counters cannot be reached and a policy fails closed
 */
export async function assertLimits(subject: string, takes: Take[], now = Date.now()): Promise<Headers> {
  const active = takes.filter((take) => quotaOf(take) > 0);
  if (active.length === 0) return new Headers();
  const window = Math.floor(now / 1000 / WINDOW_SECONDS);
  const resetAt = (window + 1) * WINDOW_SECONDS;
  const secondsLeft = Math.max(1, Math.ceil(resetAt - now / 1000));
  let outcome;
  try {
    const expiresAt = new Date((resetAt + WINDOW_SECONDS) * 1000);
    const collection = await counters();
    ensureExpiry(collection);
    outcome = await within(ANSWER_TIMEOUT_MS, countAll(collection, `${subject}:${window}`, active, expiresAt));
  } catch (error) {
    const closed = active.some((take) => policies[take.policy].onStoreFailure === "closed");
    if (closed) throw new DomainError("database_unavailable", "The database does not answer.", { cause: error });
    log("warn", "limits_not_counted", { cause: error instanceof Error ? error.message : "unknown" });
    return new Headers();
  }
  const headers = describeState(active, outcome.used, secondsLeft, resetAt);
  if (outcome.taken) return headers;
  const { used } = outcome;
  const full = active.find((take) => (used?.[take.policy] ?? 0) + take.cost > quotaOf(take)) ?? active[0];
  const { unit } = policies[full?.policy ?? "visitor_calls"];
  throw new LimitReached(`More ${unit} than one address may send in a minute.`, secondsLeft, headers);
}

let salt: string | undefined;
const fallbackSalt = randomBytes(16).toString("hex");

async function readSalt(collection: Counters): Promise<string> {
  const kept = { $setOnInsert: { salt: randomBytes(16).toString("hex") } };
  const document = await collection.findOneAndUpdate({ _id: "salt" }, kept, { upsert: true, returnDocument: "after" });
  return document?.salt ?? fallbackSalt;
}

/**
 * A name for a network address that tells nobody the address: a hash with a salt that all processes share through the database.
 * While the database is away the salt is one of this process, and nothing is counted anyway.
 */
export async function nameSubject(address: string): Promise<string> {
  try {
    salt ??= await within(ANSWER_TIMEOUT_MS, readSalt(await counters()));
  } catch {
    log("warn", "salt_not_read");
  }
  return createHash("sha256").update(`${salt ?? fallbackSalt}:${address}`).digest("base64url").slice(0, 22);
}
