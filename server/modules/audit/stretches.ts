import "server-only";
import { randomUUID } from "node:crypto";
import { toDomainError } from "@/server/core/errors";
import { log } from "@/server/core/log";
import type { Changed } from "@/server/core/operator.admin";
import { type Act, type Actor, append, describe, LOST_AFTER_MS, toEntry } from "@/server/modules/audit/append";
import * as repository from "@/server/modules/audit/repository";

/** So long after its last act a stretch is over, */
const REST_MS = 5 * 60 * 1000;
/** and so long after its first one, however busy it is. */
const LONGEST_MS = 60 * 60 * 1000;

type Performed = Actor & { operator: NonNullable<Actor["operator"]> };

const isOver = ({ at, stretch }: repository.OpenStretch, now: number) =>
  now - stretch.lastAt.getTime() >= REST_MS || now - at.getTime() >= LONGEST_MS;

/** The facts behind the last act, with how many acts there were and when. */
function tellAfter({ at, stretch }: repository.OpenStretch): string {
  const facts: unknown = JSON.parse(stretch.after);
  const span = { saves: stretch.done, first_saved_at: at.toISOString(), last_saved_at: stretch.lastAt.toISOString() };
  return JSON.stringify({ ...(typeof facts === "object" ? facts : {}), ...span });
}

/**
 * Makes a stretch an entry. An act of it that is at work keeps it open, until it is given up as lost: then nobody knows how the stretch
 * ended, and the entry says so.
 */
async function endStretch(open: repository.OpenStretch): Promise<void> {
  const { _id: id, at: _at, stretch, ...what } = open;
  const { begun, done, before, lastAt } = stretch;
  const isAtWork = begun > done;
  if (isAtWork && Date.now() - lastAt.getTime() < LOST_AFTER_MS) return;
  const entry = toEntry(what, { outcome: isAtWork ? "unknown" : "done" });
  await append(done === 0 ? entry : { ...entry, before, after: tellAfter(open) }, { id, stretch: { begun, done } });
}

/** Writes down the stretches that are over, or all of them: whoever reads the audit then reads everything that was done. */
export async function endStretches(which: "over" | "all"): Promise<void> {
  const now = Date.now();
  for (const open of await repository.findStretches()) if (which === "all" || isOver(open, now)) await endStretch(open);
}

/** Writes down what an act comes behind: stretches of its operator and those of its target, all but the one it belongs to. */
export async function endStretchesBefore({ operator }: Actor, { target, behind }: Act, but?: string): Promise<void> {
  const targets = behind ? [target, behind] : [target];
  for (const open of await repository.findStretches({ operatorId: operator?.id, targets })) if (open._id !== but) await endStretch(open);
}

/** Begins an act within the stretch it belongs to; a new one where none goes on. @returns the id of the stretch */
async function beginInStretch(actor: Performed, act: Act): Promise<string> {
  const { operator, address } = actor;
  const key = JSON.stringify([act.action, act.target.kind, act.target.id, operator.id, address]);
  const now = new Date();
  const since = { began: new Date(now.getTime() - LONGEST_MS), continued: new Date(now.getTime() - REST_MS) };
  const joined = await repository.joinStretch(key, since, now);
  await endStretchesBefore(actor, act, joined?._id);
  if (joined) return joined._id;
  const id = randomUUID();
  const stretch = { key, begun: 1, done: 0, lastAt: now, before: "null", after: "null" };
  await repository.insertIntent({ _id: id, at: now, ...describe(actor, act), stretch });
  return id;
}

/**
 * Does one of many small acts, such as a draft's saving itself while somebody writes, of which a stretch becomes one entry: with the facts
 * before the first and after the last of them, how many there were, and from when to when.
 *
 * A stretch is the same act by one operator, on one target, from one address. It ends, and is written down, 5 minutes after its last act or
 * an hour after its first; before anything else its operator does; before anything else is done to the target, by whomever; and before the audit is
 * read, verified or exported. Until then it is kept beside the chain, act by act: a crash loses none, and no entry is ever changed.
 * A refused act is an entry of its own.
 * @returns what the act gives back
 * @throws whatever the act throws
 */
export async function performInStretch<Result>(actor: Performed, act: Act, work: () => Promise<Changed<Result>>): Promise<Result> {
  const id = await beginInStretch(actor, act);
  let changed: Changed<Result>;
  try {
    changed = await work();
  } catch (thrown) {
    const { status, code } = toDomainError(thrown);
    const refused = toEntry(describe(actor, act), { outcome: status < 500 ? "refused" : "unknown", code });
    const unwritten = () => log("error", "audit_not_written", { action: act.action });
    await append(refused, null).then(() => repository.leaveStretch(id)).catch(unwritten);
    throw thrown;
  }
  const { before, after, result } = changed;
  const noted = await repository.noteInStretch(id, { before: JSON.stringify(before), after: JSON.stringify(after) }, new Date());
  if (!noted) await append(toEntry(describe(actor, act), { outcome: "done", before, after }), null);
  return result;
}
