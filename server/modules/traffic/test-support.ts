import "server-only";
import { createId } from "@/server/core/ids";
import { type CallRecord, recordRequest } from "@/server/modules/traffic/service";

const answered: CallRecord = {
  requestId: "req_of_a_test",
  surface: "api",
  route: "/api/v1/models/{model}/predictions",
  method: "POST",
  status: 200,
  code: null,
  milliseconds: 10,
  model: "churn",
  version: 1,
  arm: "live",
  rows: 1,
  customerId: null,
  keyId: null,
  cameBy: "visitor",
};

/** A call as the door tells of it: answered in 10 ms, unless said otherwise. */
export function makeCall(change: Partial<CallRecord> = {}): CallRecord {
  return { ...answered, requestId: createId("request", change.at), ...change };
}

/** Records so many calls. */
export function recordCalls(count: number, change: Partial<CallRecord> = {}): void {
  for (let made = 0; made < count; made++) recordRequest(makeCall(change));
}

/** Records so many calls that were answered at that moment. @param time milliseconds since 1970 */
export function recordAt(time: number, count: number, change: Partial<CallRecord> = {}): void {
  recordCalls(count, { ...change, at: new Date(time) });
}
