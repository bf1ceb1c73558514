/** Calls of the log in words, and the filters of their list. */
import type { RequestEntry, RequestFilters, TrafficRange } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";
import { formatShortDay } from "@/lib/moment";
import { formatClock, surfaceNames } from "@/lib/overview-view.admin";
import type { RequestsAddress, RequestsView } from "@/lib/requests-address.admin";

export const cameByNames: Record<NonNullable<RequestEntry["came_by"]>, string> = { key: "Key", session: "Page", visitor: "Visitor" };
export const armNames: Record<NonNullable<RequestEntry["arm"]>, string> = { live: "Live", candidate: "Candidate", pinned: "Pinned version" };
export const lastNames: Record<TrafficRange, string> = { "1h": "hour", "24h": "24 hours", "7d": "7 days", "30d": "30 days" };
const statusNames: Record<string, string> = { "2xx": "2xx answered", "3xx": "3xx sent on", "4xx": "4xx refused", "5xx": "5xx failed" };

/** `22 Nov, 14:03 UTC`, with seconds where they are not zero. */
function formatEdge(iso: string): string {
  const seconds = new Date(iso).toISOString().slice(17, 19);
  return `${formatShortDay(iso)}, ${formatClock(iso)}${seconds === "00" ? "" : `:${seconds}`} UTC`;
}

/** `14:15:07.884`, in UTC; with the day in front where that is not today. */
export function formatEntryTime(iso: string, now: string): string {
  const time = new Date(iso).toISOString();
  const clock = time.slice(11, 23);
  return time.slice(0, 10) === now.slice(0, 10) ? clock : `${formatShortDay(iso)} ${clock}`;
}

/** Milliseconds of the server, without the unit. */
export function formatTook(milliseconds: number): string {
  return formatNumber(milliseconds, milliseconds < 100 ? 1 : 0);
}

export interface SetFilter {
  name: keyof RequestFilters | "last";
  label: string;
  value: string;
}

/** How a filter is called. */
export const filterLabels: Record<SetFilter["name"], string> = {
  last: "Last",
  from: "From",
  to: "To",
  surface: "Surface",
  model: "Model",
  version: "Version",
  arm: "Arm",
  status: "Status",
  code: "Reason",
  route: "Place",
  customer: "Customer",
  key: "Key",
  came_by: "Came by",
  slower_than_ms: "Slower than",
  request_id: "Request id",
};

const order = Object.keys(filterLabels).filter((name): name is SetFilter["name"] => name in filterLabels);

function sayValue(name: SetFilter["name"], address: RequestsAddress, names: Record<string, string>): string {
  const text = String(address[name] ?? "");
  switch (name) {
    case "last":
      return address.last ? lastNames[address.last] : text;
    case "from":
    case "to":
      return formatEdge(text);
    case "surface":
      return address.surface ? surfaceNames[address.surface] : text;
    case "arm":
      return address.arm ? armNames[address.arm] : text;
    case "came_by":
      return address.came_by ? cameByNames[address.came_by] : text;
    case "slower_than_ms":
      return `${formatNumber(address.slower_than_ms ?? 0)} ms`;
    case "status":
      return statusNames[text] ?? text;
    default:
      return names[text] ?? text;
  }
}

/** The filters that are set, in a fixed order, in words. @param names of customers and models by their ids */
export function listFilters(written: RequestFilters, { last }: RequestsView, names: Record<string, string>): SetFilter[] {
  const address: RequestsAddress = { ...written, ...(written.from === undefined && { last }) };
  return order.filter((name) => address[name] !== undefined).map((name) => ({ name, label: filterLabels[name], value: sayValue(name, address, names) }));
}

/** What a text that was typed into the search box looks for: ids tell by their beginning what they name. */
export function readSearch(text: string): RequestsAddress | null {
  const word = text.trim();
  if (!/^[A-Za-z0-9_-]{4,64}$/.test(word)) return null;
  if (word.startsWith("cus_")) return { customer: word };
  if (word.startsWith("key_")) return { key: word };
  return word.startsWith("ent_") ? { open: word } : { request_id: word };
}

/** What came out of a call, in a few words: where it went, or why there was no result. */
export function sayOutcome({ code, status }: Pick<RequestEntry, "code" | "status">): string {
  if (code !== null) return code.replaceAll("_", " ");
  return status < 300 ? "answered" : status < 400 ? "sent on" : "no reason given";
}
