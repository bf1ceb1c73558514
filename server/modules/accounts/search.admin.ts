import "server-only";
import type { CustomerPage, CustomerRow, CustomerStatus, ListCustomers } from "@/lib/contracts/customers.admin";
import { limitsOf, planNames, plans } from "@/lib/plans";
import { startOfIds } from "@/server/core/ids";
import { log } from "@/server/core/log";
import type { AccountSearch } from "@/server/modules/accounts/account-search";
import * as repository from "@/server/modules/accounts/repository";
import * as keys from "@/server/modules/keys/service.admin";
import * as usage from "@/server/modules/usage/service.admin";

/** From which part of a month's rows on a customer is near the limit. */
const NEAR = 0.8;
/** Of those near their limit so many are looked at: a list that is longer is no list of exceptions any more. */
const MOST_NEAR = 2_000;

let filled: Promise<void> | undefined;

/** Accounts from before names were found by their parts get them beside the first search of a process. */
function fillBeside(): void {
  filled ??= repository.fillNamePartsAcrossCustomers().catch((error: unknown) => {
    filled = undefined;
    log("warn", "names_not_filled", { cause: error instanceof Error ? error.name : "unknown" });
  });
}

export function statusOf({ deletingAt, suspendedAt }: Pick<repository.AccountRecord, "deletingAt" | "suspendedAt">): CustomerStatus {
  if (deletingAt) return "leaving";
  return suspendedAt ? "suspended" : "active";
}

const monthLimitOf = ({ plan, limits }: repository.AccountRecord) => limitsOf(plan, limits).rowsPerMonth;

/** The later of what the keys and the months know. */
function laterOf(one: Date | null, other: Date | null): string | null {
  const latest = Math.max(one?.getTime() ?? 0, other?.getTime() ?? 0);
  return latest === 0 ? null : new Date(latest).toISOString();
}

async function toRows(records: repository.AccountRecord[]): Promise<CustomerRow[]> {
  const ids = records.map(({ _id }) => _id);
  const [counts, uses] = await Promise.all([keys.countKeys(ids), usage.readUse(ids)]);
  return records.map((record) => ({
    id: record._id,
    email: record.email,
    name: record.name,
    plan: record.plan,
    agreed: Object.keys(record.limits ?? {}).length > 0,
    keys: counts.get(record._id)?.keys ?? 0,
    month: { used: uses.get(record._id)?.monthRows ?? 0, limit: monthLimitOf(record) },
    last_call_at: laterOf(counts.get(record._id)?.lastUsedAt ?? null, uses.get(record._id)?.lastAt ?? null),
    last_sign_in_at: record.lastSignInAt?.toISOString() ?? null,
    created_at: record.createdAt.toISOString(),
    status: statusOf(record),
  }));
}

/** The conditions on accounts; texts that name an id are looked up otherwise. */
function toSearch({ plan, suspended, signed_up_since: since, search }: ListCustomers): AccountSearch {
  const from = since === undefined ? undefined : startOfIds("customer", new Date(since));
  return { plan, suspended, from, text: search === "" ? undefined : search };
}

const wordsIn = (text: string) => text.toLowerCase().split(/\s+/);

/** The same conditions on accounts that are there already. */
function fits(record: repository.AccountRecord, { plan, suspended, from, text }: AccountSearch): boolean {
  if (plan !== undefined && record.plan !== plan) return false;
  if (suspended !== undefined && (record.suspendedAt !== null) !== suspended) return false;
  if (from !== undefined && record._id < from) return false;
  if (text === undefined) return true;
  const name = record.name.toLowerCase();
  return record.emailKey.startsWith(text.toLowerCase()) || wordsIn(text).every((word) => name.includes(word));
}

/** Who used most of their month, by share: those of the plans by the counts of the month, those with an agreement one by one. */
async function findNearLimit(search: AccountSearch): Promise<repository.AccountRecord[]> {
  const least = Math.min(...planNames.map((name) => plans[name].rowsPerMonth).filter((rows) => rows > 0)) * NEAR;
  const [heavy, agreed] = await Promise.all([
    usage.listHeavyMonths(least, MOST_NEAR),
    repository.findAgreedMonthsAcrossCustomers(MOST_NEAR),
  ]);
  const records = await repository.findByIdsAcrossCustomers(heavy.map(({ customerId }) => customerId));
  const all = new Map([...records, ...agreed].map((record) => [record._id, record]));
  const months = await usage.readMonthRows([...all.keys()]);
  const shareOf = (record: repository.AccountRecord) => {
    const limit = monthLimitOf(record);
    return limit === 0 ? 0 : (months.get(record._id) ?? 0) / limit;
  };
  const near = [...all.values()].filter((record) => shareOf(record) >= NEAR && fits(record, search));
  return near.sort((one, other) => shareOf(other) - shareOf(one) || (one._id < other._id ? 1 : -1));
}

/** The part of a list behind an id, one more than a page. */
function cut(records: repository.AccountRecord[], { cursor, limit }: ListCustomers): repository.AccountRecord[] {
  const start = cursor === undefined ? 0 : records.findIndex(({ _id }) => _id === cursor) + 1;
  return records.slice(start, start + limit + 1);
}

async function find(input: ListCustomers): Promise<repository.AccountRecord[]> {
  const search = toSearch(input);
  const { text } = search;
  const named = text !== undefined && /^cus_[0-9a-z]{26}$/i.test(text) ? [`cus_${text.slice(4).toUpperCase()}`] : null;
  const ids = named ?? (text === undefined ? null : await keys.findKeyOwners(text));
  if (ids !== null) {
    const records = await repository.findByIdsAcrossCustomers(ids);
    return cut(records.filter((record) => fits(record, { ...search, text: undefined })), input);
  }
  if (input.near_limit) return cut(await findNearLimit(search), input);
  if (text !== undefined) fillBeside();
  return repository.findAccountsAcrossCustomers({ ...search, before: input.cursor }, input.limit + 1);
}

/**
 * A page of customers, newest first, or most used first where those near their limit are asked for. Costs by the page, not by how many
 * customers there are.
 */
export async function listCustomers(input: ListCustomers): Promise<CustomerPage> {
  const [found, total] = await Promise.all([find(input), repository.countAccountsAcrossCustomers()]);
  const items = await toRows(found.slice(0, input.limit));
  return { items, next_cursor: found.length > input.limit ? (items.at(-1)?.id ?? null) : null, total };
}
