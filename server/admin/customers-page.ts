import "server-only";
import { TRPCError } from "@trpc/server";
import { notFound } from "next/navigation";
import type { AuditEntry } from "@/lib/contracts/audit.admin";
import type { CustomerDetail, CustomerPage } from "@/lib/contracts/customers.admin";
import type { RequestEntry } from "@/lib/contracts/traffic.admin";
import { planNames } from "@/lib/plans";
import { firstValue } from "@/lib/first-value";
import { startOfDay } from "@/lib/moment";
import { chartDays, type DayChart } from "@/lib/usage-view";
import { consoleCaller, requireOperator } from "@/server/admin/session";
import { isAtLeast } from "@/server/core/operator.admin";

const ROWS = 50;
const DAYS = 30;
const ENTRIES = 10;

type Given = Record<string, string | string[] | undefined>;

/** What the list is narrowed to, as it stands in the address. */
export interface CustomersQuery {
  search: string;
  plan: string;
  status: string;
  near: string;
  since: string;
}

export interface CustomersPageData extends CustomerPage {
  view: CustomersQuery;
  /** The day cannot be read: nothing is found with it. */
  badDay: boolean;
  /** Whether this is not the first page. */
  later: boolean;
  now: number;
}

const nothing: CustomerPage = { items: [], next_cursor: null, total: 0 };
const isNothing = (error: unknown) => error instanceof TRPCError && (error.code === "NOT_FOUND" || error.code === "BAD_REQUEST");

/** A page of customers as its address asks for it; what cannot be read finds nothing. */
export async function readCustomersPage(given: Given): Promise<CustomersPageData> {
  const one = (name: string) => firstValue(given[name])?.trim() ?? "";
  const view = { search: one("search"), plan: one("plan"), status: one("status"), near: one("near"), since: one("since") };
  const after = one("after");
  const since = view.since === "" ? null : startOfDay(view.since, "UTC");
  const badDay = view.since !== "" && since === null;
  const plan = planNames.find((name) => name === view.plan);
  const input = {
    limit: ROWS,
    ...(view.search !== "" && { search: view.search }),
    ...(plan && { plan }),
    ...((view.status === "suspended" || view.status === "active") && { suspended: view.status === "suspended" }),
    ...(since && { signed_up_since: since.toISOString() }),
    ...(after !== "" && { cursor: after }),
    near_limit: view.near !== "",
  };
  const caller = await consoleCaller();
  const page = badDay
    ? nothing
    : await caller.customers.list(input).catch((error: unknown) => {
        if (isNothing(error)) return nothing;
        throw error;
      });
  return { ...page, view, badDay, later: after !== "", now: Date.now() };
}

export interface CustomerPageData {
  customer: CustomerDetail;
  chart: DayChart;
  requests: RequestEntry[];
  entries: AuditEntry[];
  /** The reader's role where it is not enough to act; null where it is. */
  barredRole: string | null;
  now: number;
}

/** One customer with everything there is to see; an id that nobody has ends in the 404 page. */
export async function readCustomerPage(id: string): Promise<CustomerPageData> {
  const { operator } = await requireOperator(`/admin/customers/${encodeURIComponent(id)}`);
  const caller = await consoleCaller();
  const customer = await caller.customers.get({ id }).catch((error: unknown) => {
    if (isNothing(error)) return notFound();
    throw error;
  });
  const now = Date.now();
  const [series, requests, audit] = await Promise.all([
    caller.customers.usage({ id, days: DAYS }),
    caller.customers.requests({ id }),
    caller.audit.list({ target: id, limit: ENTRIES }),
  ]);
  const chart = chartDays(series, now, DAYS, ({ model = "" }) => model);
  const barredRole = isAtLeast(operator.role, "operator") ? null : operator.role;
  return { customer, chart, requests: requests.items, entries: audit.items, barredRole, now };
}
