import "server-only";
import type { ReleaseThen, RequestDetail } from "@/lib/contracts/requests.admin";
import type { AliasMoveView } from "@/lib/contracts/releases.admin";
import type { RequestEntry } from "@/lib/contracts/traffic.admin";
import { readCustomerNames, readPart } from "@/server/admin/overview-joins";
import { namesOfCustomers } from "@/server/modules/accounts/service.admin";
import { getModelForConsole } from "@/server/modules/catalog/console.admin";
import { listOperators } from "@/server/modules/operators/service.admin";
import { compareArms, getRequest, listRequests } from "@/server/modules/traffic/service.admin";

const AROUND_MS = 30 * 60 * 1000;
const MOST_OF_ONE_REQUEST = 20;
const MOVES_BEFORE = 3;
const MOVES_AFTER = 2;

/** Names of the customers of some entries, by id; without them the ids stand for themselves. */
export async function nameCustomers(entries: readonly RequestEntry[]): Promise<Record<string, string>> {
  return readPart("the names of customers", [], {}, () => readCustomerNames(entries));
}

/** Which versions answered at a moment. @param moves newest first */
export function findReleaseThen(moves: AliasMoveView[], at: string): ReleaseThen {
  const oldestFirst = moves.toReversed();
  const before = oldestFirst.filter((move) => move.at <= at);
  const after = oldestFirst.filter((move) => move.at > at);
  const lastOf = (alias: AliasMoveView["alias"]) => before.findLast((move) => move.alias === alias);
  const candidate = lastOf("candidate");
  return {
    live: lastOf("live")?.to ?? null,
    candidate: candidate?.to ?? null,
    share: candidate?.to === null ? null : (candidate?.share ?? null),
    moves: [...before.slice(-MOVES_BEFORE), ...after.slice(0, MOVES_AFTER)],
  };
}

async function readRelease({ model, at }: RequestEntry): Promise<ReleaseThen | null> {
  if (model === null) return null;
  const [{ moves }, operators] = await Promise.all([getModelForConsole(model), listOperators()]);
  const names = new Map(operators.map(({ id, name }) => [id, name]));
  return findReleaseThen(moves.map((move) => ({ ...move, by: names.get(move.by) ?? move.by })), at);
}

/** What calls like this one took in the hour around it. */
async function readUsual({ model, version, arm, at }: RequestEntry): Promise<RequestDetail["usual"]> {
  if (model === null || version === null) return null;
  const [from, to] = [new Date(Date.parse(at) - AROUND_MS), new Date(Date.parse(at) + AROUND_MS)];
  const { arms } = await compareArms(model, [version], { from, to });
  const { p50_ms, p95_ms, p99_ms } = arms.find((one) => one.arm === arm) ?? { p50_ms: null, p95_ms: null, p99_ms: null };
  return { p50_ms, p95_ms, p99_ms };
}

async function readCustomer({ customer_id: id }: RequestEntry): Promise<RequestDetail["customer"]> {
  return id === null ? null : ((await namesOfCustomers([id])).get(id) ?? null);
}

async function readSameRequest({ id, request_id }: RequestEntry): Promise<RequestEntry[]> {
  const { items } = await listRequests({ filters: { request_id }, limit: MOST_OF_ONE_REQUEST });
  return items.filter((item) => item.id !== id);
}

/** One call with everything that is known about it; what stands beside it may be missing. @throws {DomainError} `not_found` */
export async function readRequestDetail(id: string): Promise<RequestDetail> {
  const entry = await getRequest(id);
  const [customer, release, usual, same_request] = await Promise.all([
    readPart("the customer", [], null, () => readCustomer(entry)),
    readPart("the release", [], null, () => readRelease(entry)),
    readPart("the usual latency", [], null, () => readUsual(entry)),
    readPart("calls of the same request", [], [], () => readSameRequest(entry)),
  ]);
  return { entry, customer, release, usual, same_request };
}
