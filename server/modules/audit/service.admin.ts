import "server-only";
import { randomUUID } from "node:crypto";
import type { AuditEntry, AuditPage, ListAudit } from "@/lib/contracts/audit.admin";
import { DomainError, toDomainError } from "@/server/core/errors";
import { log } from "@/server/core/log";
import type { Changed, Facts } from "@/server/core/operator.admin";
import { type Act, type Actor, append, appendEnd, describe, type Ending, LOST_AFTER_MS, toEntry } from "@/server/modules/audit/append";
import { HASHED_FIELDS, walkChain, writeHashed } from "@/server/modules/audit/chain";
import * as repository from "@/server/modules/audit/repository";
import { endStretches, endStretchesBefore } from "@/server/modules/audit/stretches";

export type { Act, Actor } from "@/server/modules/audit/append";
export { verifyChain } from "@/server/modules/audit/chain";
export { endStretches, performInStretch } from "@/server/modules/audit/stretches";

const PAGE = 500;

/** Writes down what happened without having been an act of this kind: a sign-in, or one that was refused. */
export async function recordEvent(actor: Actor, act: Act, ending: Ending = { outcome: "done" }): Promise<void> {
  await endStretchesBefore(actor, act);
  await append(toEntry(describe(actor, act), ending), null);
}

/**
 * Does something on behalf of an operator and writes down who did what, how it was before and how it is now. That it began is stored
 * before it begins: an act is never done without a trace, also when the service dies in the middle of it. A stretch of the same operator,
 * or of the same target, ends before it.
 * @returns what the act gives back
 * @throws whatever the act throws; a refusal is written down as such
 */
export async function performAct<Result>(actor: Actor, act: Act, work: () => Promise<Changed<Result>>): Promise<Result> {
  const what = describe(actor, act);
  await endStretchesBefore(actor, act);
  const intentId = randomUUID();
  await repository.insertIntent({ _id: intentId, at: new Date(), ...what });
  let changed: Changed<Result>;
  try {
    changed = await work();
  } catch (thrown) {
    const refusal = toDomainError(thrown);
    const outcome = refusal.status < 500 ? "refused" : "unknown";
    await appendEnd(toEntry(what, { outcome, code: refusal.code }), intentId).catch(() => log("error", "audit_not_written", { action: act.action }));
    throw thrown;
  }
  await appendEnd(toEntry(what, { outcome: "done", before: changed.before, after: changed.after }), intentId);
  return changed.result;
}

/** Writes down acts that were cut off by a crash, of which it is not known what they changed, and stretches that are over. */
export async function recordLostActs(): Promise<void> {
  await endStretches("over");
  for (const { _id, at: _at, stretch: _none, ...what } of await repository.findIntents(new Date(Date.now() - LOST_AFTER_MS), PAGE)) {
    await append(toEntry(what, { outcome: "unknown" }), { id: _id });
  }
}

function parseFacts(text: string): Facts {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function toAuditEntry(record: repository.AuditRecord): AuditEntry {
  const { _id, id, at, operator, action, target, outcome, code, reason, before, after, address, requestId, hash, previousHash } = record;
  const facts = { before: parseFacts(before), after: parseFacts(after) };
  const named = { id, number: _id, at: at.toISOString(), operator, action, target, outcome, code, reason };
  return { ...named, ...facts, address, request_id: requestId, hash, previous_hash: previousHash };
}

/** Newest first, a page at a time. */
export async function listEntries({ limit, cursor, action, operator, target, from, to }: ListAudit): Promise<AuditPage> {
  const span = { from: from === undefined ? undefined : new Date(from), to: to === undefined ? undefined : new Date(to) };
  const found = await repository.findEntries({ before: cursor, action, operatorId: operator, targetId: target, ...span }, limit + 1);
  const page = found.slice(0, limit);
  return { items: page.map(toAuditEntry), nextCursor: found.length > limit ? (page.at(-1)?._id ?? null) : null };
}

/** One entry. @throws {DomainError} `not_found` */
export async function getEntry(number: number): Promise<AuditEntry> {
  const record = await repository.findEntry(number);
  if (!record) throw new DomainError("not_found", "The audit has no entry of that number.");
  return toAuditEntry(record);
}

/** Every kind of act there is an entry of, sorted. */
export async function listActions(): Promise<string[]> {
  return (await repository.findActions()).toSorted();
}

const HOW_TO_VERIFY =
  "Each line behind this one is an entry. `hashed` is the text its `hash` was made of: a JSON array of `fields`, in which `before` and `after` " +
  "are JSON texts. The chain is whole when for every entry SHA-256 of `hashed` in UTF-8 is `hash`, the number is one more than that of the " +
  "entry before, and `previous_hash` is the hash of the entry before (empty for number 1). Compare the last hash with one you noted elsewhere.";

/** The whole audit in lines of JSON, oldest entry first; the first line says how to verify the others without us. */
export async function* writeAudit(): AsyncGenerator<string> {
  const about = { format: "vitrine-audit/1", exported_at: new Date().toISOString(), fields: HASHED_FIELDS, how_to_verify: HOW_TO_VERIFY };
  yield `${JSON.stringify(about)}\n`;
  for await (const record of walkChain()) yield `${JSON.stringify({ ...toAuditEntry(record), hashed: writeHashed(record) })}\n`;
}
