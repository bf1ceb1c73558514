import "server-only";
import { TRPCError } from "@trpc/server";
import type { NamedRequestPage, RequestDetail } from "@/lib/contracts/requests.admin";
import type { ErrorGroups, RequestCounts, RequestFilters, TrafficRange } from "@/lib/contracts/traffic.admin";
import { firstValue } from "@/lib/first-value";
import { REQUESTS_PATH, type RequestsView } from "@/lib/requests-address.admin";
import { writeFirstCall } from "@/server/admin/first-call";
import { readPart } from "@/server/admin/overview-joins";
import { readRequestsAddress } from "@/server/admin/requests-address";
import { consoleCaller } from "@/server/admin/session";

const ROWS = 100;
/** Ids that the menus offer; everything else can be typed. */
const MODELS = 100;

interface PageBase {
  /** What is asked of the service. */
  filters: RequestFilters;
  /** What stands in the address. */
  written: RequestFilters;
  view: RequestsView;
  unread: string[];
  models: { slug: string; name: string }[];
}

export type RequestsPageData = PageBase &
  (
    | { kind: "list"; page: NamedRequestPage; counts: RequestCounts | null; opened: RequestDetail | "gone" | null; curl: string | null; now: string }
    | { kind: "errors"; range: TrafficRange; groups: ErrorGroups }
  );

type Caller = Awaited<ReturnType<typeof consoleCaller>>;

async function readOpened(caller: Caller, id: string | undefined): Promise<RequestDetail | "gone" | null> {
  if (id === undefined || id === "") return null;
  try {
    return await caller.requests.get({ id });
  } catch (error) {
    if (error instanceof TRPCError && (error.code === "NOT_FOUND" || error.code === "BAD_REQUEST")) return "gone";
    throw error;
  }
}

async function listModels(caller: Caller): Promise<PageBase["models"]> {
  const { items } = await caller.models.list({ limit: MODELS });
  return items.map(({ slug, name }) => ({ slug, name }));
}

const nothing: NamedRequestPage = { items: [], next_cursor: null, searched_back_to: null, customers: {} };

type Query = Record<string, string | string[] | undefined>;

/** The address of the page with this query: where a reader who must sign in first comes back to. */
export function writeAddress(given: Query): string {
  const query = new URLSearchParams(Object.entries(given).map(([name, value]) => [name, firstValue(value) ?? ""]));
  return query.size === 0 ? REQUESTS_PATH : `${REQUESTS_PATH}?${query}`;
}

/** The page of requests as its address asks for it. */
export async function readRequestsPage(given: Query): Promise<RequestsPageData> {
  const query = new Map(Object.entries(given).map(([name, value]) => [name, firstValue(value) ?? ""] as const));
  const { filters, written, view, unread } = readRequestsAddress(query);
  const caller = await consoleCaller();
  const base = { filters, written, view, unread };
  // Before anything is read: whoever follows the list goes on from here.
  const now = new Date().toISOString();
  if (view.view === "errors") {
    const range = view.last ?? "24h";
    const [groups, models] = await Promise.all([caller.requests.errors({ range, surface: filters.surface }), listModels(caller)]);
    return { ...base, models, kind: "errors", range, groups };
  }
  const isReadable = unread.length === 0;
  const [page, counts, opened, models] = await Promise.all([
    isReadable ? caller.requests.list({ filters, limit: ROWS }) : nothing,
    isReadable ? caller.requests.counts({ filters }) : null,
    readOpened(caller, view.open),
    listModels(caller),
  ]);
  const isEmpty = isReadable && page.items.length === 0 && Object.keys(filters).length === 0;
  const curl = isEmpty ? await readPart("a first call", [], null, writeFirstCall) : null;
  return { ...base, models, kind: "list", page, counts, opened, curl, now };
}
