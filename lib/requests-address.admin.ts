/** Addresses of the console's page of requests: its filters are query parameters with the names that the service takes. */
import type { RequestFilters, TrafficRange } from "@/lib/contracts/traffic.admin";

export const REQUESTS_PATH = "/admin/requests";

/** What the address of the page holds besides the filters. */
export interface RequestsView {
  /** A span that ends now, in place of `from` and `to`. */
  last?: TrafficRange | undefined;
  view?: "errors" | undefined;
  /** New entries come by themselves. */
  follow?: "1" | undefined;
  /** The entry that is opened. */
  open?: string | undefined;
}

export type RequestsAddress = RequestFilters & RequestsView;

/** The query of an address, in a fixed order, without what is not set. */
export function writeRequestsQuery(address: RequestsAddress): string {
  const set = Object.entries(address).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return new URLSearchParams(set).toString();
}

/** The page with these filters. */
export function requestsHref(address: RequestsAddress): string {
  const query = writeRequestsQuery(address);
  return query === "" ? REQUESTS_PATH : `${REQUESTS_PATH}?${query}`;
}
