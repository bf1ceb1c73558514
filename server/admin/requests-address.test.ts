import { describe, expect, it } from "vitest";
import { requestsHref } from "@/lib/requests-address.admin";
import { findReleaseThen } from "@/server/admin/request-detail";
import { readRequestsAddress } from "@/server/admin/requests-address";
import type { AliasMoveView } from "@/lib/contracts/releases.admin";

const NOW = Date.parse("2026-11-22T12:00:00.000Z");
const read = (href: string) => readRequestsAddress(new Map(new URL(href, "http://here.invalid").searchParams), NOW);

describe("an address of the page of requests", () => {
  it("comes back as the filters it was written from", () => {
    const filters = {
      surface: "api",
      model: "customer-churn",
      version: 2,
      arm: "candidate",
      customer: "cus_1",
      key: "key_1",
      status: "5xx",
      code: "internal_error",
      route: "/api/v1/models/{model}/predictions",
      slower_than_ms: 12.5,
      came_by: "key",
      request_id: "req_1",
      from: "2026-11-22T10:00:00.000Z",
      to: "2026-11-22T11:00:00.000Z",
    } as const;
    const { filters: found, unread, view } = read(requestsHref({ ...filters, open: "ent_1", follow: "1" }));
    expect(found).toEqual(filters);
    expect(unread).toEqual([]);
    expect(view).toEqual({ last: undefined, view: undefined, follow: "1", open: "ent_1" });
  });

  it("counts a span that ends now back from now, and keeps it as it was written", () => {
    const { filters, written, view } = read("/admin/requests?last=24h");
    expect(filters).toEqual({ from: "2026-11-21T12:00:00.000Z" });
    expect([written, view.last]).toEqual([{}, "24h"]);
  });

  it.each([
    ["status=6xx", "status"],
    ["version=one", "version"],
    ["slower_than_ms=-1", "slower_than_ms"],
    ["model=No%20Model", "model"],
    ["from=yesterday", "from"],
    ["last=2h", "last"],
    ["from=2026-11-22T11:00:00.000Z&to=2026-11-22T10:00:00.000Z", "to"],
  ])("names what means nothing: %s", (query, name) => {
    expect(read(`/admin/requests?${query}`).unread).toEqual([name]);
  });
});

const move = (alias: "live" | "candidate", to: number | null, minute: number, share: number | null = null): AliasMoveView => ({
  alias,
  from: null,
  to,
  act: "publish",
  share,
  by: "Ines",
  why: "",
  at: `2026-11-22T12:${String(minute).padStart(2, "0")}:00.000Z`,
});

describe("the release at the time of a call", () => {
  const newestFirst = [move("candidate", null, 40), move("live", 2, 40), move("candidate", 2, 20, 10), move("live", 1, 10)];

  it.each([
    ["before everything", 5, { live: null, candidate: null, share: null }],
    ["after the first version", 15, { live: 1, candidate: null, share: null }],
    ["while a candidate runs", 30, { live: 1, candidate: 2, share: 10 }],
    ["after it was promoted", 50, { live: 2, candidate: null, share: null }],
  ])("%s", (_name, minute, expected) => {
    expect(findReleaseThen(newestFirst, `2026-11-22T12:${String(minute).padStart(2, "0")}:00.000Z`)).toMatchObject(expected);
  });

  it("shows the moves around it, oldest first", () => {
    const { moves } = findReleaseThen(newestFirst, "2026-11-22T12:30:00.000Z");
    expect(moves.map(({ at }) => at.slice(14, 16))).toEqual(["10", "20", "40", "40"]);
  });
});
