import "server-only";
import type { CustomerNote, LimitsChange, SeenLimits } from "@/lib/contracts/customers.admin";
import { formatNumber } from "@/lib/format";
import { plans } from "@/lib/plans";
import { DomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import type { Changed, Facts } from "@/server/core/operator.admin";
import { forgetKnownAccount } from "@/server/modules/accounts/caller";
import { previewSuspend, readAgreed } from "@/server/modules/accounts/consequences.admin";
import type { PlanTerms } from "@/server/modules/accounts/plan-terms";
import * as repository from "@/server/modules/accounts/repository";
import { countOpenSessions, requireAccount, toAgreed, toNote } from "@/server/modules/accounts/service.admin";

type Done = { done: true };

const agreedNames = ["rows_per_minute", "rows_per_month", "rows_per_call", "retention_days"] as const;

/** So many notes a customer has at most. */
const MOST_NOTES = 50;

const changed = (before: Facts, after: Facts): Changed<Done> => ({ before, after, result: { done: true } });

/** An account that can still be changed. @throws {DomainError} `not_found`; `conflict` for one whose deletion has begun */
async function requireStaying(customerId: string): Promise<repository.AccountRecord> {
  const record = await requireAccount(customerId);
  if (record.deletingAt) throw new DomainError("conflict", "This customer is deleting the account.");
  return record;
}

async function change(customerId: string, to: Parameters<typeof repository.changeAccount>[1]): Promise<repository.AccountRecord> {
  const before = await repository.changeAccount(customerId, to);
  if (!before) throw new DomainError("conflict", "This customer is deleting the account.");
  forgetKnownAccount(customerId);
  return before;
}

/**
 * Keys and signed-in pages of the customer stop within seconds, in every process; nothing is lost.
 * @throws {DomainError} `not_found`; `invalid_input` where it is suspended already; `conflict`
 */
export async function suspendCustomer(customerId: string): Promise<Changed<Done>> {
  const record = await requireStaying(customerId);
  if (record.suspendedAt) throw new DomainError("invalid_input", "This customer is suspended already.");
  const stops = await previewSuspend(customerId);
  const suspendedAt = new Date();
  const { suspendedAt: was } = await change(customerId, { suspendedAt });
  return changed({ suspended_at: was?.toISOString() ?? null, ...stops }, { suspended_at: suspendedAt.toISOString() });
}

/** Keys work again within seconds, and so do sessions that nobody ended. @throws {DomainError} as {@link suspendCustomer} */
export async function unsuspendCustomer(customerId: string): Promise<Changed<Done>> {
  const record = await requireStaying(customerId);
  if (!record.suspendedAt) throw new DomainError("invalid_input", "This customer is not suspended.");
  const { suspendedAt: was } = await change(customerId, { suspendedAt: null });
  return changed({ suspended_at: was?.toISOString() ?? null }, { suspended_at: null });
}

/** Every signed-in page of the customer must sign in again; keys go on. @throws {DomainError} `not_found`; `conflict` */
export async function endCustomerSessions(customerId: string): Promise<Changed<Done>> {
  const sessions = await countOpenSessions(await requireStaying(customerId));
  await repository.raiseSessionVersion(customerId);
  return changed({ sessions }, { sessions: 0 });
}

const toTerms = (limits: SeenLimits): PlanTerms => ({ plan: limits.plan, limits: readAgreed(limits) });

/** What is there now in place of what was seen, each by the field it stands in. */
function tellChanged({ plan, limits }: repository.AccountRecord, seen: SeenLimits): DomainError {
  const now = toAgreed(limits);
  const names = agreedNames.filter((name) => now[name] !== seen.agreed[name]);
  const errors = [
    ...(plan === seen.plan ? [] : [{ pointer: "#/plan", detail: `is ${plans[plan].title} now` }]),
    ...names.map((name) => ({ pointer: `#/agreed/${name}`, detail: now[name] === null ? "is as the plan has it now" : `is ${formatNumber(now[name])} now` })),
  ];
  return new DomainError("conflict", "Somebody else changed this customer's plan or limits meanwhile. Nothing of yours was saved.", { errors });
}

/**
 * Another plan, and what is agreed beside it: holds for the next call within seconds, in every process. Predictions that are stored
 * already stay as long as they were promised to.
 * @param seen what stood there when the change was begun
 * @throws {DomainError} `not_found`; `conflict`, for a customer who is leaving, and with a fault a field for what somebody else has
 * changed since: of two who change the same at once, one is told
 */
export async function setCustomerLimits(customerId: string, to: LimitsChange, seen: SeenLimits): Promise<Changed<Done>> {
  await requireStaying(customerId);
  const before = await repository.changeAccount(customerId, toTerms(to), toTerms(seen));
  if (!before) throw tellChanged(await requireStaying(customerId), seen);
  forgetKnownAccount(customerId);
  return changed({ plan: before.plan, ...toAgreed(before.limits) }, { plan: to.plan, ...to.agreed });
}

/** @throws {DomainError} `not_found`; `invalid_input` where there are {@link MOST_NOTES}; `conflict` */
export async function addNote(customerId: string, text: string, author: string): Promise<Changed<CustomerNote>> {
  await requireStaying(customerId);
  if ((await repository.findNotes(customerId, MOST_NOTES)).length >= MOST_NOTES) {
    throw new DomainError("invalid_input", `A customer has at most ${MOST_NOTES} notes: remove one first.`);
  }
  const at = new Date();
  const record = { _id: createId("note", at), customerId, text, author, at };
  await repository.insertNote(record);
  // The text itself goes with the customer; an entry of the audit stays.
  return { before: null, after: { note: record._id }, result: toNote(record) };
}

/** @throws {DomainError} `not_found` */
export async function removeNote(customerId: string, id: string): Promise<Changed<Done>> {
  if (!(await repository.removeNote(customerId, id))) throw new DomainError("not_found", "There is no such note.");
  return changed({ note: id }, null);
}
