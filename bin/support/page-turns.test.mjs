import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { PageTurns } from "./page-turns.mjs";

class Reply extends EventEmitter {
  destroyed = false;
  status = 0;
  writeHead(status) {
    this.status = status;
  }
  end() {}
  close() {
    this.destroyed = true;
    this.emit("close");
  }
}

function ask(turns, { from = "192.0.2.1", url = "/admin/requests", method = "GET" } = {}) {
  const response = new Reply();
  const asked = { response, made: false };
  turns.take({ method, url, headers: { "x-forwarded-for": from } }, response, () => {
    asked.made = true;
  });
  return asked;
}

describe("pages of one address", () => {
  it("are made two at a time, the others in the order they came, and nobody else waits for them", () => {
    const turns = new PageTurns();
    const asked = Array.from({ length: 5 }, () => ask(turns));
    const made = () => asked.map((each) => each.made);
    expect(made()).toEqual([true, true, false, false, false]);
    expect(ask(turns, { from: "192.0.2.2" }).made).toBe(true);
    asked[1].response.close();
    expect(made()).toEqual([true, true, true, false, false]);
    asked[3].response.close();
    asked[0].response.close();
    expect(made(), "whoever went away is not made a page").toEqual([true, true, true, false, true]);
  });

  it("are one address's whatever it claims before what our proxy wrote", () => {
    const turns = new PageTurns({ proxies: 1 });
    const asked = ["203.0.113.1", "203.0.113.2", "203.0.113.3"].map((claimed) => ask(turns, { from: `${claimed}, 192.0.2.1` }));
    expect(asked.map((each) => each.made)).toEqual([true, true, false]);
  });

  it("hold no turn for longer than a slow reader may, and none when all are made", () => {
    vi.useFakeTimers();
    try {
      const turns = new PageTurns({ longestMs: 1_000 });
      const asked = Array.from({ length: 3 }, () => ask(turns));
      vi.advanceTimersByTime(1_000);
      expect(asked[2].made).toBe(true);
      for (const each of asked) each.response.close();
      expect(turns.size).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("are refused when too many wait", () => {
    const turns = new PageTurns();
    const asked = Array.from({ length: 203 }, () => ask(turns));
    expect(asked.map((each) => each.response.status).filter((status) => status === 503)).toEqual([503]);
  });

  it("are pages: files, doors, probes and what is sent are not waited for", () => {
    const turns = new PageTurns();
    for (let index = 0; index < 3; index++) ask(turns);
    expect(ask(turns, { url: "/_next/static/chunks/a.js" }).made).toBe(true);
    for (const url of ["/icon.svg", "/admin/livez", "/admin/trpc/overview.get?input={}", "/api/livez", "/health"]) expect(ask(turns, { url }).made, url).toBe(true);
    expect(ask(turns, { method: "POST", url: "/admin/trpc/me.rename" }).made).toBe(true);
    for (const url of ["/_next/image?url=/admin", "/admin/trpc", "/admin/trpc/a/b", "/admin/livez.rsc"]) expect(ask(turns, { url }).made, url).toBe(false);
  });
});
