import "server-only";
import type { AuditEntry, AuditFacets, AuditPage } from "@/lib/contracts/audit.admin";
import { firstValue } from "@/lib/first-value";
import { startOfDay } from "@/lib/moment";
import { consoleCaller } from "@/server/admin/session";

/** What is set, as it stands in the address. */
export interface AuditFilters {
  action: string;
  operator: string;
  target: string;
  /** Days in UTC, both of them included. */
  from: string;
  to: string;
}

export interface AuditView extends AuditPage {
  facets: AuditFacets;
  filters: AuditFilters;
  /** Filters that could not be read, by name. */
  unread: string[];
  /** The entry that is open beside the list. */
  opened: AuditEntry | null;
  /** Whether these are not the newest entries. */
  older: boolean;
}

type Given = Record<string, string | string[] | undefined>;

function readFilters(given: Given): AuditFilters {
  const one = (name: string) => firstValue(given[name])?.trim() ?? "";
  return { action: one("action"), operator: one("operator"), target: one("target"), from: one("from"), to: one("to") };
}

function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

/** What the filters ask for, and those that say nothing that can be read: they find nothing, so that nobody takes the list for theirs. */
function readQuery({ action, operator, target, from, to }: AuditFilters) {
  const [start, end] = [startOfDay(from, "UTC"), startOfDay(to, "UTC", 1)];
  const unread = [
    ...(from !== "" && !start ? ["from"] : []),
    ...((to !== "" && !end) || (start && end && end <= start) ? ["to"] : []),
    ...(target.length > 140 ? ["target"] : []),
  ];
  const query = {
    ...(action !== "" && { action: action.slice(0, 60) }),
    ...(operator !== "" && { operator: operator.slice(0, 60) }),
    ...(target !== "" && { target: target.slice(0, 140) }),
    ...(start && { from: start.toISOString() }),
    ...(end && { to: end.toISOString() }),
  };
  return { query, unread };
}

/** The audit as the address asks for it. */
export async function readAuditPage(given: Given): Promise<AuditView> {
  const ask = await consoleCaller();
  const filters = readFilters(given);
  const { query, unread } = readQuery(filters);
  const [cursor, number] = [readNumber(firstValue(given["before"])), readNumber(firstValue(given["entry"]))];
  const [page, facets, opened] = await Promise.all([
    unread.length > 0 ? { items: [], nextCursor: null } : ask.audit.list({ ...query, ...(cursor !== undefined && { cursor }) }),
    ask.audit.facets({}),
    number === undefined ? null : ask.audit.get({ number }).catch(() => null),
  ]);
  return { ...page, facets, filters, unread, opened, older: cursor !== undefined };
}
