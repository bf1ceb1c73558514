import "server-only";
import type { AgreedLimits, CustomerDetail, CustomerNote } from "@/lib/contracts/customers.admin";
import type { UsageSeries } from "@/lib/contracts/usage";
import { limitsOf, type PlanLimits } from "@/lib/plans";
import { DomainError } from "@/server/core/errors";
import { readMoment } from "@/server/core/moments";
import * as repository from "@/server/modules/accounts/repository";
import { statusOf } from "@/server/modules/accounts/search.admin";
import { toAccount } from "@/server/modules/accounts/service";
import { callerOf, SESSION_SECONDS } from "@/server/modules/accounts/session";
import { listSignIns } from "@/server/modules/accounts/sign-in-history";
import { listKeys } from "@/server/modules/keys/service";
import { readSeries, readSummary } from "@/server/modules/usage/service";

const DAY_MS = 86_400_000;
const SIGN_INS = 20;
const NOTES = 50;

/** How a customer is called where only the id is known. */
export interface CustomerName {
  name: string;
  email: string;
}

/** Names by customer id; customers that are gone are not in it. */
export async function namesOfCustomers(ids: string[]): Promise<Map<string, CustomerName>> {
  const found = await repository.findByIdsAcrossCustomers([...new Set(ids)]);
  return new Map(found.map(({ _id, name, email }) => [_id, { name, email }]));
}

/** How many accounts there are, those whose deletion has begun among them. */
export async function countCustomers(): Promise<number> {
  return repository.countAccountsAcrossCustomers();
}

/** Since when a session must have begun that still opens something: its lifetime, and the moment at which all were ended. */
function oldestSession(endedAt: Date | null): Date {
  return new Date(Math.max(Date.now() - SESSION_SECONDS * 1000, endedAt?.getTime() ?? 0));
}

/** How many customers signed in so lately that a page of theirs may still be open. @param endedAt when all sessions were ended, if ever */
export async function countSignedIn(endedAt: Date | null): Promise<number> {
  return repository.countSignedInAcrossCustomers(oldestSession(endedAt));
}

/** @throws {DomainError} `not_found` */
export async function requireAccount(customerId: string): Promise<repository.AccountRecord> {
  const record = await repository.findAccount(customerId);
  if (!record) throw new DomainError("not_found", "There is no such customer.");
  return record;
}

/** How many browsers are signed in: sessions that began within their lifetime and that nothing has ended. */
export async function countOpenSessions({ _id, sessionVersion, suspendedAt, deletingAt }: repository.AccountRecord): Promise<number> {
  if (suspendedAt || deletingAt) return 0;
  return repository.countSessions(_id, sessionVersion, oldestSession(await readMoment("customer_sessions")));
}

export function toAgreed(limits: Partial<PlanLimits> = {}): AgreedLimits {
  return {
    rows_per_minute: limits.rowsPerMinute ?? null,
    rows_per_month: limits.rowsPerMonth ?? null,
    rows_per_call: limits.rowsPerCall ?? null,
    retention_days: limits.retentionDays ?? null,
  };
}

export function toPlanLimits({ rowsPerMinute, rowsPerMonth, rowsPerCall, retentionDays }: PlanLimits): CustomerDetail["plan_limits"] {
  return { rows_per_minute: rowsPerMinute, rows_per_month: rowsPerMonth, rows_per_call: rowsPerCall, retention_days: retentionDays };
}

export function toNote({ _id: id, text, author, at }: repository.NoteRecord): CustomerNote {
  return { id, text, author, at: at.toISOString() };
}

/** Everything the team sees of one customer at once. @throws {DomainError} `not_found` */
export async function getCustomer(customerId: string): Promise<CustomerDetail> {
  const record = await requireAccount(customerId);
  const [usage, keys, sessions, signIns, notes] = await Promise.all([
    readSummary(callerOf(record, { kind: "session" })),
    listKeys(customerId),
    countOpenSessions(record),
    listSignIns(customerId, SIGN_INS),
    repository.findNotes(customerId, NOTES),
  ]);
  return {
    account: toAccount(record),
    status: statusOf(record),
    suspended_at: record.suspendedAt?.toISOString() ?? null,
    agreed: toAgreed(record.limits),
    plan_limits: toPlanLimits(limitsOf(record.plan)),
    usage,
    keys,
    sessions,
    sign_ins: signIns,
    notes: notes.map(toNote),
  };
}

/** What a customer used on each of the last days, by model, days of UTC. @throws {DomainError} `not_found` */
export async function readCustomerUsage(customerId: string, days: number): Promise<UsageSeries> {
  const record = await requireAccount(customerId);
  const start_time = new Date((Math.floor(Date.now() / DAY_MS) - days + 1) * DAY_MS).toISOString();
  return readSeries(callerOf(record, { kind: "session" }), { start_time, bucket_width: "1d", group_by: ["model"] });
}
