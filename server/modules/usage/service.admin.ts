import "server-only";
import { findHeavyMonthsAcrossCustomers, findMonthsAcrossCustomers, sumBuckets } from "@/server/modules/usage/repository";
import { DAY_MS, endOfMonthCount, lastDay, type Month, monthOf, startOf } from "@/server/modules/usage/spans";

const LOOKED_BACK = 12;

/** This calendar month, UTC, and the eleven before it, newest first. */
function lastMonths(now: number): Month[] {
  const months = [monthOf(now)];
  while (months.length < LOOKED_BACK) months.push(monthOf((months.at(-1)?.start ?? now) - 1));
  return months;
}

/** The rows of this calendar month (UTC) by customer id; customers without a call in it are left out. */
export async function readMonthRows(customerIds: string[]): Promise<Map<string, number>> {
  const found = await findMonthsAcrossCustomers(customerIds, [monthOf(Date.now())]);
  return new Map(found.map(({ customerId, rows }) => [customerId, rows]));
}

export interface CustomerUse {
  /** Rows of this calendar month, UTC. */
  monthRows: number;
  /** When rows were last taken, in this month or one of the eleven before it. */
  lastAt: Date | null;
}

/** What customers use, by customer id; who had no call in a year is left out. */
export async function readUse(customerIds: string[]): Promise<Map<string, CustomerUse>> {
  const now = Date.now();
  const current = endOfMonthCount(monthOf(now)).getTime();
  const found = await findMonthsAcrossCustomers(customerIds, lastMonths(now));
  const use = new Map<string, CustomerUse>();
  for (const { customerId, rows, lastAt, expiresAt } of found) {
    const isCurrent = expiresAt.getTime() === current;
    use.set(customerId, { monthRows: isCurrent ? rows : 0, lastAt: lastAt ?? use.get(customerId)?.lastAt ?? null });
  }
  return use;
}

/** Who used at least so many rows of this calendar month (UTC), most rows first. */
export async function listHeavyMonths(atLeast: number, limit: number): Promise<{ customerId: string; rows: number }[]> {
  const found = await findHeavyMonthsAcrossCustomers(monthOf(Date.now()), atLeast, limit);
  return found.map(({ customerId, rows }) => ({ customerId, rows }));
}

export interface LastDayCalls {
  /** Answered calls of the last 24 hours, by keys and signed-in pages together. */
  calls: number;
  byPage: number;
  byKey: Map<string, number>;
}

/** What a customer's keys and pages called in the last 24 hours. */
export async function countLastDay(customerId: string): Promise<LastDayCalls> {
  const sums = await sumBuckets(customerId, lastDay(Date.now()), { keyId: true });
  const byKey = new Map(sums.flatMap(({ keyId, calls }) => (keyId === null ? [] : [[keyId, calls] as const])));
  const calls = sums.reduce((all, sum) => all + sum.calls, 0);
  return { calls, byPage: sums.find(({ keyId }) => keyId === null)?.calls ?? 0, byKey };
}

/** The rows that were answered in each minute of the last 24 hours that saw any. */
export async function readMinutes(customerId: string): Promise<number[]> {
  const now = Date.now();
  const minutes = [{ width: "1m" as const, from: new Date(startOf("1m", now - DAY_MS)), to: new Date(now + 1) }];
  return (await sumBuckets(customerId, minutes, { start: true })).flatMap(({ rows }) => (rows > 0 ? [rows] : []));
}
