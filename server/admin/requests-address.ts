import "server-only";
import { requestFilters, trafficRange, type RequestFilters, type TrafficRange } from "@/lib/contracts/traffic.admin";
import type { RequestsView } from "@/lib/requests-address.admin";

const NUMBERS: ReadonlySet<string> = new Set(["version", "slower_than_ms"]);
const RANGE_MS: Record<TrafficRange, number> = { "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000, "30d": 2_592_000_000 };

export interface ReadAddress {
  filters: RequestFilters;
  view: RequestsView;
  /** The filters as they stand in the address: `last` is not turned into a moment. */
  written: RequestFilters;
  /** Parameters that mean nothing, by name: with one of them nothing is found, because a list without it would look like its answer. */
  unread: string[];
}

function readView(query: ReadonlyMap<string, string>, last: TrafficRange | undefined): RequestsView {
  const isErrors = query.get("view") === "errors";
  return { last, view: isErrors ? "errors" : undefined, follow: query.get("follow") === "1" ? "1" : undefined, open: query.get("open") };
}

/** The filters and the view of an address of the page of requests. @param now what `last` is counted back from */
export function readRequestsAddress(query: ReadonlyMap<string, string>, now = Date.now()): ReadAddress {
  const unread: string[] = [];
  let written: RequestFilters = {};
  for (const name of Object.keys(requestFilters.shape)) {
    const text = query.get(name);
    if (text === undefined || text === "") continue;
    const parsed = requestFilters.safeParse({ [name]: NUMBERS.has(name) ? Number(text) : text });
    if (parsed.success) written = { ...written, ...parsed.data };
    else unread.push(name);
  }
  const last = trafficRange.safeParse(query.get("last"));
  if (query.has("last") && !last.success) unread.push("last");
  const isTurned = written.from !== undefined && written.to !== undefined && Date.parse(written.to) <= Date.parse(written.from);
  if (isTurned) unread.push("to");
  const filters = last.success && !written.from ? { ...written, from: new Date(now - RANGE_MS[last.data]).toISOString() } : written;
  return { filters, written, view: readView(query, last.data), unread };
}
