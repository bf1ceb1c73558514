import "server-only";
import { hash, randomBytes } from "node:crypto";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import { HeaderFields } from "@/server/core/exchange";
import { chooseAhead, chooseStore } from "@/server/core/limit-stores/choose";
import { readSalt } from "@/server/core/limit-stores/database";
import { type Cost, type Counted, currentWindow, endOf, WINDOW_SECONDS } from "@/server/core/limit-stores/store";
import { log } from "@/server/core/log";
import { OutsideAway } from "@/server/core/outside";
import { within } from "@/server/core/within";

interface Policy {
  /** Its name in the `RateLimit` headers. */
  label: string;
  /** How a refusal begins; what is left follows. */
  refusal: string;
  /** How much fits into one window, 0 turns the policy off; null: whoever takes says it, because it differs by caller. */
  quota: (() => number) | null;
  /** Whether callers pass ("open") or are refused ("closed") while the counters cannot be reached. */
  onStoreFailure: "open" | "closed";
}

/**
 * Everything that is limited per minute. Predicting is worth more than counting it exactly, so it goes on when the store fails;
 * what could be guessed at, flooded or piled up by somebody who makes the store fail does not.
 */
const policies = {
  /** By network address. */
  visitor_calls: {
    label: "minute",
    refusal: "More calls than one address may send in a minute",
    quota: () => env().visitor.callsPerMinute,
    onStoreFailure: "open",
  },
  /** By network address. */
  visitor_rows: {
    label: "rows",
    refusal: "More rows than one address may send in a minute",
    quota: () => env().visitor.rowsPerMinute,
    onStoreFailure: "open",
  },
  /** By customer, as much as the plan says. */
  customer_rows: { label: "minute", refusal: "More rows than your plan has for one minute", quota: null, onStoreFailure: "open" },
  /** By network address; an account that is guessed at locks by a rule of its own. */
  sign_in: {
    label: "sign-in",
    refusal: "More attempts to sign in than one address may make in a minute",
    quota: () => 30,
    onStoreFailure: "closed",
  },
  /** By network address: whatever sends a mail to an address that somebody typed. */
  mail: {
    label: "mail",
    refusal: "More mails than one address may ask for in a minute",
    quota: () => 10,
    onStoreFailure: "closed",
  },
  /** By operator: each act is an entry of the audit, which is kept for ever. */
  operator_acts: {
    label: "acts",
    refusal: "More acts than one operator may do in a minute",
    quota: () => 240,
    onStoreFailure: "open",
  },
  /** By customer. */
  key_creation: {
    label: "keys",
    refusal: "More new keys than one account may make in a minute",
    quota: () => 10,
    onStoreFailure: "closed",
  },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof policies;
type AgreedPolicyName = { [Name in PolicyName]: (typeof policies)[Name]["quota"] extends null ? Name : never }[PolicyName];

/** What a call takes from a policy, with the quota where it differs by caller. */
export type Take =
  | { policy: Exclude<PolicyName, AgreedPolicyName>; cost: number }
  | { policy: AgreedPolicyName; cost: number; quota: number };

/** How long a caller waits at most before the policy's own rule for a failed store applies; the first time, also for a connection. */
const FIRST_ANSWER_TIMEOUT_MS = 2_500;
const ANSWER_TIMEOUT_MS = 1_000;

/** Where one limit stands, after the call it is told to. */
export interface LimitState {
  label: string;
  quota: number;
  remaining: number;
  /** The length of the window. */
  windowSeconds: number;
  /** When it ends, in seconds since 1970. */
  resetAt: number;
}

/** A refusal that knows the state of the counters; `headers` belong on the answer beside `Retry-After`. */
export class LimitReached extends DomainError {
  readonly headers: HeaderFields;

  constructor(code: "rate_limited" | "quota_exhausted", message: string, retryAfterSeconds: number, headers: HeaderFields) {
    super(code, message, { retryAfterSeconds });
    this.headers = headers;
  }
}

/** What was taken, until somebody wants to give it back. */
export interface TakenLimits {
  /** Where the limits stand; empty when nothing is limited or the store failed open. */
  states: LimitState[];
  /** Takes it out of the counters again; never throws. */
  giveBack: () => Promise<void>;
}

/** Seconds until a moment in seconds since 1970, never less than one. */
export function secondsUntil(resetAt: number): number {
  return Math.max(1, Math.ceil(resetAt - Date.now() / 1000));
}

/**
 * Limits as headers: IETF ratelimit-headers with one item each, and the older `X-RateLimit-*` for the first of those that are
 * counted by the minute.
 */
export function describeLimits(states: LimitState[]): HeaderFields {
  const headers = new HeaderFields();
  if (states.length === 0) return headers;
  headers.set("ratelimit-policy", states.map(({ label, quota, windowSeconds }) => `"${label}";q=${quota};w=${windowSeconds}`).join(", "));
  headers.set("ratelimit", states.map(({ label, remaining, resetAt }) => `"${label}";r=${remaining};t=${secondsUntil(resetAt)}`).join(", "));
  const minute = states.find(({ windowSeconds }) => windowSeconds === WINDOW_SECONDS);
  if (!minute) return headers;
  headers.set("x-ratelimit-limit", String(minute.quota));
  headers.set("x-ratelimit-remaining", String(minute.remaining));
  headers.set("x-ratelimit-reset", String(minute.resetAt));
  return headers;
}

interface ActiveTake extends Cost {
  policy: PolicyName;
}

function toActive(takes: Take[]): ActiveTake[] {
  const active: ActiveTake[] = [];
  for (const take of takes) {
    const quota = "quota" in take ? take.quota : policies[take.policy].quota();
    if (quota > 0 && take.cost > 0) active.push({ policy: take.policy, cost: take.cost, quota });
  }
  return active;
}

/** Says what happened without what the driver says: that may hold addresses, and names of subjects. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? `${error.name} ${error.code}` : error.name;
}

let reached = false;

/** @throws whatever the store throws, or an error when it takes too long */
async function ask<Value>(work: Promise<Value>): Promise<Value> {
  const value = await within(reached ? ANSWER_TIMEOUT_MS : FIRST_ANSWER_TIMEOUT_MS, work);
  reached = true;
  return value;
}

function toStates(active: ActiveTake[], { used, resetAt }: Counted): LimitState[] {
  return active.map(({ policy, quota }, index) => {
    const remaining = Math.max(0, quota - (used[index] ?? 0));
    return { label: policies[policy].label, quota, remaining, windowSeconds: WINDOW_SECONDS, resetAt };
  });
}

/** @throws {DomainError} `database_unavailable`, when one of the policies fails closed */
function passWithoutStore(active: ActiveTake[], error: unknown): TakenLimits {
  const cause = new Error(`The counters cannot be reached: ${describeFailure(error)}`);
  if (active.some(({ policy }) => policies[policy].onStoreFailure === "closed")) {
    throw new DomainError("database_unavailable", "The limits cannot be counted at the moment.", { cause });
  }
  // An open breaker was logged when it opened.
  if (!(error instanceof OutsideAway)) log("warn", "limits_not_counted", { cause: describeFailure(error) });
  return { states: [], giveBack: async () => {} };
}

/**
 * What fails open is also counted ahead where it comes often: passing a few too few for a second is nothing beside passing all.
 * @throws whatever the store throws
 */
function count(subject: string, active: ActiveTake[]): Counted | Promise<Counted> {
  if (active.some(({ policy }) => policies[policy].onStoreFailure === "closed")) return ask(chooseStore().take(subject, active));
  const ahead = chooseAhead();
  return ahead.takeHeld(subject, active) ?? ask(ahead.take(subject, active));
}

/**
 * Takes from every policy named, or from none of them. Policies that fail open are exact to about a 64th of what is left in each process
 * (limit-stores/ahead.ts), and never let more pass than the quota; the others are exact.
 * @param subject who is counted; the same words in every process
 * @param takes what the call costs; policies that are turned off are left out
 * @throws {LimitReached} `rate_limited`, when one of them does not fit; nothing is counted then
 * @throws {DomainError} `database_unavailable`, when the counters cannot be reached and a policy fails closed
 */
export async function takeLimits(subject: string, takes: Take[]): Promise<TakenLimits> {
  const active = toActive(takes);
  if (active.length === 0) return { states: [], giveBack: async () => {} };
  let counted: Counted;
  try {
    counted = await count(subject, active);
  } catch (error) {
    return passWithoutStore(active, error);
  }
  const states = toStates(active, counted);
  if (counted.taken) return { states, giveBack: () => giveBackQuietly(subject, active, counted.resetAt) };
  const at = Math.max(0, active.findIndex(({ cost }, index) => cost > (states[index]?.remaining ?? 0)));
  const [full, state] = [active[at], states[at]];
  const message = full && state ? `${policies[full.policy].refusal}: ${state.remaining} of ${state.quota} are left.` : "";
  throw new LimitReached("rate_limited", message, secondsUntil(counted.resetAt), describeLimits(states));
}

/** What cannot be given back goes with its window; no answer fails for it. */
async function giveBackQuietly(subject: string, costs: Cost[], resetAt: number): Promise<void> {
  try {
    await ask(chooseStore().giveBack(subject, costs, resetAt));
  } catch (error) {
    log("warn", "limits_not_given_back", { cause: describeFailure(error) });
  }
}

/**
 * As {@link takeLimits}, for takes that are never given back.
 * @returns `RateLimit-Policy`, `RateLimit` and `X-RateLimit-*`; empty when nothing is limited or the store failed open
 */
export async function assertLimits(subject: string, takes: Take[]): Promise<HeaderFields> {
  return describeLimits((await takeLimits(subject, takes)).states);
}

/** How much of a policy a subject used in this minute, without counting; 0 while the store cannot be reached. */
export async function readLimit(subject: string, policy: AgreedPolicyName, quota: number): Promise<{ used: number; resetAt: number }> {
  const resetAt = endOf(currentWindow());
  if (quota <= 0) return { used: 0, resetAt };
  try {
    return { used: await ask(chooseStore().read(subject, policy, quota)), resetAt };
  } catch (error) {
    log("warn", "limits_not_read", { cause: describeFailure(error) });
    return { used: 0, resetAt };
  }
}

/**
 * Removes what is counted about a subject. Counters in a Redis or at Upstash cannot be listed by subject without a walk over all
 * of them; they expire by themselves within two minutes.
 * @throws the driver's error when the database cannot be reached
 */
export async function forgetSubject(subject: string): Promise<void> {
  chooseAhead().forget(subject);
  await chooseStore().forget(subject);
}

/** Names of the addresses that called last, so that a flood from a few of them costs no hash each time. */
const MOST_NAMES = 10_000;
const names = new Map<string, string>();
let salt: string | undefined;
const fallbackSalt = randomBytes(16).toString("hex");

/** {@link nameSubject} of somebody who called before, without waiting. */
export function findSubject(address: string): string | undefined {
  return names.get(address);
}

/**
 * A name for a network address that tells nobody the address: a hash with a salt that all processes share through the database.
 * While the database is away the salt is one of this process, and nothing is counted there anyway.
 */
export async function nameSubject(address: string): Promise<string> {
  const known = names.get(address);
  if (known !== undefined) return known;
  try {
    salt ??= await ask(readSalt());
  } catch {
    log("warn", "salt_not_read");
  }
  const name = hash("sha256", `${salt ?? fallbackSalt}:${address}`, "base64url").slice(0, 22);
  if (salt === undefined) return name;
  if (names.size >= MOST_NAMES) names.clear();
  names.set(address, name);
  return name;
}
