import "server-only";
import { createId } from "@/server/core/ids";
import { DomainError } from "@/server/core/errors";
import type { Facts, Operator } from "@/server/core/operator.admin";
import { hashEntry } from "@/server/modules/audit/chain";
import * as repository from "@/server/modules/audit/repository";

/** An act whose end nobody told after so long was cut off by a crash. */
export const LOST_AFTER_MS = 2 * 60 * 1000;
const ATTEMPTS = 50;

/** Who acts, from where, in which call. */
export interface Actor {
  operator: Pick<Operator, "id" | "email" | "name"> | null;
  address: string;
  requestId: string;
}

/** What is done to what. */
export interface Act {
  /** `model.promote` */
  action: string;
  target: { kind: string; id: string };
  reason?: string | undefined;
  /** What else it comes behind: a stretch of that ends before it, like one of its target. */
  behind?: { kind: string; id: string };
}

export type Unlinked = Omit<repository.AuditRecord, "_id" | "hash" | "previousHash">;

let lastInLine: Promise<unknown> = Promise.resolve();

/** One after the other within a process: entries that are linked at once would only run into each other. */
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = lastInLine.then(work);
  lastInLine = turn.catch(() => undefined);
  return turn;
}

/**
 * Links an entry to the newest one and stores it; whoever of two processes is later links to the other.
 * @param intent what is taken away with it
 * @returns `ended` when that is not there any more, or not in this state, and nothing was stored
 */
export async function append(entry: Unlinked, intent: repository.IntentState | null): Promise<"done" | "ended"> {
  return inTurn(async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [known, newest] = await Promise.all([repository.findKnownHead(), repository.findHead()]);
      // Behind the record of the end, not behind what is left of the chain: what was cut off stays a gap.
      const end = known ?? (newest && { number: newest._id, hash: newest.hash }) ?? { number: 0, hash: "" };
      const linked = { ...entry, _id: Math.max(end.number, newest?._id ?? 0) + 1, previousHash: end.hash };
      const stored = await repository.appendEntry({ ...linked, hash: hashEntry(linked) }, end, intent);
      if (stored !== "taken") return stored;
    }
    throw new DomainError("overloaded", "Too much is written to the audit at once.");
  });
}

/** As it is read back: half of a pair of surrogates cannot be stored, and a hash of it would never fit again. */
const whole = (text: string) => text.toWellFormed();

/** Who did what, as it is kept. */
export function describe({ operator, address, requestId }: Actor, { action, target, reason }: Act) {
  const who = operator && { id: operator.id, email: whole(operator.email), name: whole(operator.name) };
  const what = { action, target: { kind: target.kind, id: whole(target.id) }, reason: reason === undefined ? null : whole(reason) };
  return { operator: who, ...what, address, requestId };
}

/** Stores how an act ended, also where it took so long that it was given up as lost: that entry is then followed by this one. */
export async function appendEnd(entry: Unlinked, intentId: string): Promise<void> {
  if ((await append(entry, { id: intentId })) === "ended") await append(entry, null);
}

export interface Ending {
  outcome: repository.AuditRecord["outcome"];
  code?: string;
  before?: Facts;
  after?: Facts;
}

/** What was done with how it ended, as an entry that has no place in the chain yet. */
export function toEntry(what: ReturnType<typeof describe>, { outcome, code, before = null, after = null }: Ending): Unlinked {
  const facts = { before: JSON.stringify(before), after: JSON.stringify(after) };
  return { ...what, ...facts, id: createId("audit"), at: new Date(), outcome, code: code ?? null };
}
