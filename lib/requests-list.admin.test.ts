import { expect, it } from "vitest";
import type { NamedRequestPage, NamedRequestTail } from "@/lib/contracts/requests.admin";
import type { RequestEntry } from "@/lib/contracts/traffic.admin";
import { addPage, addTail, MOST_FOLLOWED, type RequestsList, startList } from "@/lib/requests-list.admin";

const entry = (number: number): RequestEntry => ({
  id: `ent_${String(number).padStart(6, "0")}`,
  request_id: "req_of_a_test",
  at: new Date(number * 1_000).toISOString(),
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
  customer_id: null,
  key_id: null,
  came_by: "visitor",
});

/** Entries from the newest down to the oldest, both included. */
const span = (newest: number, oldest: number) => Array.from({ length: newest - oldest + 1 }, (_, index) => entry(newest - index));
const page = (items: RequestEntry[], hasMore: boolean): NamedRequestPage => {
  return { items, customers: {}, next_cursor: hasMore ? (items.at(-1)?.id ?? null) : null, searched_back_to: null };
};
const tail = (items: RequestEntry[], skipped = false): NamedRequestTail => ({ items, customers: {}, until: new Date(0).toISOString(), skipped });
const idsOf = ({ items }: RequestsList) => items.map(({ id }) => id);

it("what the tail finds behind the end of the list is not new: it comes with the next page, once", () => {
  const first = startList(page(span(150, 51), true));
  const followed = addTail(first, tail(span(150, 1)));
  expect(followed).toBe(first);
  const all = addPage(followed, page(span(50, 1), false));
  expect(idsOf(all)).toEqual(span(150, 1).map(({ id }) => id));
});

it("a next page brings nothing that is there already", () => {
  const list = addPage(startList(page(span(100, 51), true)), page(span(60, 41), false));
  expect(idsOf(list)).toEqual(span(100, 41).map(({ id }) => id));
});

it("what comes in late stands where it belongs, and counts as new as what came in time", () => {
  const list = addTail(startList(page([entry(9), entry(7), entry(5)], true)), tail([entry(10), entry(9), entry(8), entry(6)]));
  expect([idsOf(list), list.fresh]).toEqual([[10, 9, 8, 7, 6, 5].map((number) => entry(number).id), 3]);
});

it("a gap is told of, also where nothing new was found beside it", () => {
  const first = startList(page(span(9, 5), true));
  expect(addTail(first, tail([], true)).cut).toBe(true);
  expect(addTail(addTail(first, tail([], true)), tail([entry(10)])).cut).toBe(true);
  expect(addTail(first, tail([entry(10)])).cut).toBe(false);
});

it("a list that is followed for long keeps its newest entries, says that it was cut, and takes none of the others back", () => {
  const full = addTail(startList(page(span(900, 1), false)), tail(span(1_300, 801)));
  expect([full.items.length, full.items[0]?.id, full.cursor, full.cut]).toEqual([MOST_FOLLOWED, entry(1_300).id, null, true]);
  expect(addTail(full, tail([entry(1)]))).toBe(full);
});
