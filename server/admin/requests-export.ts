import "server-only";
import type { RequestEntry, RequestFilters } from "@/lib/contracts/traffic.admin";
import { readRequestsAddress } from "@/server/admin/requests-address";
import { requireSessionOf } from "@/server/admin/request-session";
import { assertMayAct, inTurnOf } from "@/server/admin/turns";
import { answerObserved } from "@/server/admin/observe";
import { assertReading } from "@/server/core/answer";
import { DomainError } from "@/server/core/errors";
import { findAddress } from "@/server/core/forwarded";
import { describeDownload, streamParts } from "@/server/core/stream";
import { recordEvent } from "@/server/modules/audit/service.admin";
import { listRequests } from "@/server/modules/traffic/service.admin";

const MOST_ROWS = 10_000;
const ROWS_A_PAGE = 200;
/** A filter that few entries meet is searched for so long; what was found by then is sent, and the last line says how far that is. */
const LONGEST_MS = 30_000;

const columns = {
  time: (entry) => entry.at,
  request_id: (entry) => entry.request_id,
  entry: (entry) => entry.id,
  surface: (entry) => entry.surface,
  method: (entry) => entry.method,
  route: (entry) => entry.route,
  status: (entry) => entry.status,
  code: (entry) => entry.code,
  milliseconds: (entry) => entry.milliseconds,
  model: (entry) => entry.model,
  version: (entry) => entry.version,
  arm: (entry) => entry.arm,
  rows: (entry) => entry.rows,
  customer: (entry) => entry.customer_id,
  key: (entry) => entry.key_id,
  came_by: (entry) => entry.came_by,
} satisfies Record<string, (entry: RequestEntry) => string | number | null>;

/**
 * A cell as RFC 4180 has it. A request id is the caller's choice: with a quote in front, spreadsheets take none that begins like a
 * formula for one.
 */
export function writeCell(value: string | number | null): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const writeLine = (cells: (string | number | null)[]) => `${cells.map(writeCell).join(",")}\r\n`;

const sayWhere = (searchedBackTo: string | null) =>
  searchedBackTo === null ? "there are entries before the last of these" : `entries before ${searchedBackTo} were not looked at`;

/** The lines of the entries that meet the filters, newest first, a page at a time. */
async function* writePages(filters: RequestFilters, operatorId: string): AsyncGenerator<string> {
  yield writeLine(Object.keys(columns));
  const ends = performance.now() + LONGEST_MS;
  let cursor: string | undefined;
  for (let left = MOST_ROWS; left > 0; ) {
    const page = { filters, cursor, limit: Math.min(ROWS_A_PAGE, left) };
    // In turn with whatever else this operator asks for.
    const { items, next_cursor, searched_back_to } = await inTurnOf(operatorId, () => listRequests(page));
    if (items.length > 0) yield items.map((entry) => writeLine(Object.values(columns).map((read) => read(entry)))).join("");
    left -= items.length;
    if (next_cursor === null) return;
    if (performance.now() > ends) {
      yield writeLine([`The search ended here after ${LONGEST_MS / 1_000} seconds: ${sayWhere(searched_back_to)}. Narrow the filters for more.`]);
      return;
    }
    cursor = next_cursor;
  }
}

/** @throws {DomainError} `invalid_input`, naming the parameters that mean nothing */
function readFilters(request: Request): RequestFilters {
  const { filters, unread } = readRequestsAddress(new Map(new URL(request.url).searchParams));
  if (unread.length === 0) return filters;
  throw new DomainError("invalid_input", "The address holds filters that mean nothing.", {
    errors: unread.map((name) => ({ pointer: `#/${name}`, detail: "is not a value of this filter" })),
  });
}

async function exportRequests(request: Request, requestId: string): Promise<Response> {
  const { operator } = await requireSessionOf(request, "viewer");
  assertReading(request);
  const filters = readFilters(request);
  const headers = describeDownload("vitrine-requests", "csv", "text/csv; charset=utf-8");
  if (request.method === "HEAD") return new Response(null, { headers });
  await assertMayAct(operator.id, "export");
  const actor = { operator, address: findAddress(request.headers), requestId };
  await recordEvent(actor, { action: "requests.export", target: { kind: "requests", id: "log" } }, { outcome: "done", after: { ...filters } });
  return new Response(streamParts("requests", writePages(filters, operator.id)), { headers });
}

/** `GET /admin/requests/export`: the entries of the log that meet the filters of the address, the newest 10,000, as CSV. */
export async function handleRequestsExport(request: Request): Promise<Response> {
  return answerObserved(request, "requests-export", (requestId) => exportRequests(request, requestId));
}
