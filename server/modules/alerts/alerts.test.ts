import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { alertRuleInput } from "@/lib/contracts/alerts.admin";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { listOutbox } from "@/server/core/mail";
import { evaluateRules } from "@/server/modules/alerts/evaluation.admin";
import { deliverMails } from "@/server/modules/alerts/mails";
import { previewRule } from "@/server/modules/alerts/preview.admin";
import {
  acknowledge,
  changeRule,
  createRule,
  deleteRule,
  listActiveAlerts,
  listAlerts,
  listRules,
  muteRule,
  switchRule,
} from "@/server/modules/alerts/service.admin";
import { operator, record, ruleOf } from "@/server/modules/alerts/test-support";

const ROUND = 30_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Every test has days of its own, so that no call is in another one's window; they begin 18 seconds into a minute. */
let now = Date.UTC(2030, 10, 20, 12, 0, 18);

beforeAll(async () => {
  vi.stubEnv("VITRINE_OUTBOX", "1");
  await useOwnDatabase("alerts", process.env.MONGODB_URI);
  await database();
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterAll(() => void vi.useRealTimers());
beforeEach(async () => {
  now += 48 * HOUR;
  vi.setSystemTime(now);
  for (const { id } of await listRules()) await deleteRule(id);
});

const pass = (milliseconds: number) => void vi.setSystemTime(Date.now() + milliseconds);
const add = async (change: Parameters<typeof ruleOf>[0] = {}) => (await createRule(ruleOf(change), operator)).result;
const newest = async (rule: string) => (await listAlerts({ rule, limit: 10 })).items;

describe("rules that come along", () => {
  it("are made once in the life of a database, by however many processes, and stay away when they are deleted", async () => {
    const { db } = await database();
    await db?.collection("alert_start").deleteMany({});
    await db?.collection("alert_rules").deleteMany({});
    vi.resetModules();
    const [one, other] = await Promise.all([1, 2].map(async () => {
      vi.resetModules();
      return import("@/server/modules/alerts/service.admin");
    }));
    await Promise.all([one?.listRules(), other?.listRules()]);
    const rules = await listRules();
    expect(rules.map(({ metric, surface, threshold, enabled }) => ({ metric, surface, threshold, enabled }))).toEqual([
      { metric: "error_rate", surface: "api", threshold: 5, enabled: true },
      { metric: "p99", surface: "api", threshold: 1_000, enabled: true },
      { metric: "limited", surface: "api", threshold: 50, enabled: true },
      { metric: "error_rate", surface: "console", threshold: 20, enabled: true },
    ]);
    for (const { id } of rules) await deleteRule(id);
    vi.resetModules();
    const again = await import("@/server/modules/alerts/service.admin");
    expect(await again.listRules()).toEqual([]);
  });
});

describe("evaluateRules", () => {
  it("holds the share of failed calls against the line, over the rule's own window and not before there are enough calls", async () => {
    const { id } = await add();
    await record(8);
    await record(1, { status: 500 });
    expect(await evaluateRules([])).toEqual({ rules: 1, broken: 0, opened: 0, closed: 0 });
    await record(1);
    expect(await evaluateRules([])).toEqual({ rules: 1, broken: 1, opened: 1, closed: 0 });
    const rule = { threshold: 5, window_minutes: 5 };
    expect(await newest(id)).toMatchObject([{ first_value: 10, worst_value: 10, closed_at: null, rule }]);
  });

  it("looks at what is on the line as on the right side of it", async () => {
    await add({ threshold: 10 });
    await record(9);
    await record(1, { status: 500 });
    expect((await evaluateRules([])).opened).toBe(0);
  });

  it("measures limit hits, percentiles and silence, each of its own surface and model", async () => {
    await add({ name: "a", metric: "limited", threshold: 20 });
    await add({ name: "b", metric: "p95", threshold: 900, model: "slow" });
    await add({ name: "c", metric: "p99", threshold: 900, model: "quick" });
    await add({ name: "d", metric: "silence", threshold: 5, model: "quiet" });
    await add({ name: "e", surface: "console" });
    await record(15, { model: "quick" });
    await record(10, { model: "slow", milliseconds: 1_000 });
    await record(4, { model: "quiet" });
    await record(10, { status: 429 });
    await record(20, { surface: "console" });
    await evaluateRules([]);
    const values = (await listActiveAlerts()).map(({ rule, first_value }) => [rule.name, Math.round(first_value)] as const).sort();
    expect(values.slice(0, 1)).toEqual([["a", 26]]);
    expect(values.map(([name]) => name)).toEqual(["a", "b", "d"]);
    // Percentiles are within 10 %.
    expect(Math.abs(Number(values[1]?.[1]) - 1_000)).toBeLessThan(100);
    expect(values[2]).toEqual(["d", 4]);
  });

  it("closes an alert after two rounds in which its rule held, with the worst value it had", async () => {
    const { id } = await add({ window_minutes: 1 });
    await record(9);
    await record(1, { status: 500 });
    await evaluateRules([]);
    pass(ROUND);
    await record(10, { status: 500 });
    await evaluateRules([]);
    pass(3 * MINUTE);
    await record(10);
    expect((await evaluateRules([])).closed).toBe(0);
    expect(await newest(id)).toMatchObject([{ closed_at: null, last_value: 0, worst_value: 55 }]);
    pass(ROUND);
    expect((await evaluateRules([])).closed).toBe(1);
    expect(await newest(id)).toMatchObject([{ closed_because: "back", worst_value: 55, closed_at: new Date().toISOString() }]);
    expect(await listActiveAlerts()).toEqual([]);
  });

  it("does not close an alert whose value swings about the line", async () => {
    const { id } = await add({ window_minutes: 1 });
    for (const status of [500, 200, 500, 200, 500]) {
      await record(10, { status });
      await evaluateRules([]);
      pass(3 * MINUTE);
    }
    expect(await newest(id)).toHaveLength(1);
  });

  it("opens one alert and one mail to each person, however many evaluate and send at once", async () => {
    const { id } = await add({ mail_to: null });
    await record(10, { status: 500 });
    const team = ["ada@example.com", "bob@example.com", "ada@example.com"];
    const rounds = await Promise.all(Array.from({ length: 6 }, () => evaluateRules(team)));
    expect(rounds.reduce((sum, { opened }) => sum + opened, 0)).toBe(1);
    const before = (await listOutbox(100)).length;
    const sent = await Promise.all(Array.from({ length: 6 }, () => deliverMails()));
    expect(sent.reduce((sum, round) => sum + round.sent, 0)).toBe(2);
    const mails = (await listOutbox(100)).slice(0, (await listOutbox(100)).length - before);
    expect(mails.map(({ to }) => to).sort()).toEqual(["ada@example.com", "bob@example.com"]);
    expect(mails[0]).toMatchObject({ subject: "Alert: Calls fail (100 %)" });
    expect(await newest(id)).toMatchObject([{ mailed: 2, mail_waiting: 0 }]);
  });

  it("tells of the end those who were told of the beginning", async () => {
    const { id } = await add({ window_minutes: 1, mail_to: ["own@example.com"] });
    await record(10, { status: 500 });
    await evaluateRules(["team@example.com"]);
    await deliverMails();
    for (let round = 0; round < 2; round++) {
      pass(3 * MINUTE);
      await evaluateRules(["team@example.com"]);
    }
    await deliverMails();
    const [over, alert] = await listOutbox(2);
    expect([over?.subject, alert?.subject]).toEqual(["Over: Calls fail", "Alert: Calls fail (100 %)"]);
    expect([over?.to, alert?.to]).toEqual(["own@example.com", "own@example.com"]);
    expect(await newest(id)).toMatchObject([{ closed_because: "back" }]);
  });

  it("opens nothing while a rule is muted, and opens when that is over and it is still broken", async () => {
    const { id } = await add();
    expect((await muteRule(id, 60)).result.muted_until).toBe(new Date(Date.now() + HOUR).toISOString());
    await record(10, { status: 500 });
    expect(await evaluateRules([])).toEqual({ rules: 1, broken: 1, opened: 0, closed: 0 });
    pass(HOUR);
    await record(10, { status: 500 });
    expect((await evaluateRules([])).opened).toBe(1);
  });

  it("ends what is active of a rule that is switched off, deleted or looks at something else, and keeps it in the history", async () => {
    const endings: [string, (rule: { id: string; revision: number }) => Promise<unknown>][] = [
      ["rule_off", ({ id }) => switchRule(id, false)],
      ["rule_deleted", ({ id }) => deleteRule(id)],
      ["rule_changed", ({ id, revision }) => changeRule(id, revision, ruleOf({ metric: "limited" }))],
    ];
    await record(10, { status: 500 });
    for (const [because, end] of endings) {
      const rule = await add();
      await evaluateRules([]);
      await end(rule);
      expect(await newest(rule.id)).toMatchObject([{ closed_because: because }]);
      expect(await listActiveAlerts()).toEqual([]);
    }
  });

  it("closes what a process left open that died while it switched the rule off", async () => {
    const { id } = await add();
    await record(10, { status: 500 });
    await evaluateRules([]);
    await (await database()).db?.collection<{ _id: string }>("alert_rules").deleteOne({ _id: id });
    await evaluateRules([]);
    expect(await newest(id)).toMatchObject([{ closed_because: "rule_deleted" }]);
  });
});

describe("deliverMails", () => {
  it("tries again what another process took and did not live to send, and nothing else", async () => {
    await add({ mail_to: ["late@example.com"] });
    await record(10, { status: 500 });
    await evaluateRules([]);
    const mails = (await database()).db?.collection("alert_mails");
    await mails?.updateOne({ to: "late@example.com", sentAt: null }, { $set: { dueAt: new Date(Date.now() + MINUTE) } });
    expect(await deliverMails()).toEqual({ sent: 0, failed: 0 });
    pass(MINUTE);
    expect(await deliverMails()).toEqual({ sent: 1, failed: 0 });
    expect(await deliverMails()).toEqual({ sent: 0, failed: 0 });
  });
});

describe("rules", () => {
  it("are not overwritten by a change that was made from an older one", async () => {
    const rule = await add();
    await changeRule(rule.id, rule.revision, ruleOf({ threshold: 6 }));
    await expect(changeRule(rule.id, rule.revision, ruleOf({ threshold: 7 }))).rejects.toMatchObject({ code: "conflict" });
    expect(await listRules()).toMatchObject([{ threshold: 6, created_by: "Ada" }]);
  });

  it("are told what is wrong with them by field", () => {
    const issuesOf = (change: object) => alertRuleInput.safeParse({ ...ruleOf(), ...change }).error?.issues;
    const pathsOf = (change: object) => issuesOf(change)?.map(({ path }) => path.join("/"));
    expect(pathsOf({})).toBeUndefined();
    expect(pathsOf({ threshold: 100 })).toEqual(["threshold"]);
    expect(pathsOf({ metric: "silence", threshold: 1.5 })).toEqual(["threshold"]);
    expect(pathsOf({ surface: "console", model: "customer-churn" })).toEqual(["model"]);
    expect(pathsOf({ window_minutes: 61 })).toEqual(["window_minutes"]);
    expect(pathsOf({ mail_to: ["nobody"] })).toEqual(["mail_to/0"]);
    expect(pathsOf({ name: "a\r\nBcc: b@example.com" })).toEqual(["name"]);
  });
});

describe("acknowledge", () => {
  it("takes the first one who says so", async () => {
    const { id } = await add();
    await record(10, { status: 500 });
    await evaluateRules([]);
    const [alert] = await newest(id);
    const say = (name: string) => acknowledge({ id: alert?.id ?? "", note: "Looking" }, { ...operator, name });
    const said = await Promise.allSettled(["Ada", "Bob"].map(say));
    expect(said.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await newest(id))[0]?.acknowledged).toMatchObject({ note: "Looking" });
    await expect(acknowledge({ id: "alt_none", note: "" }, operator)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("listAlerts", () => {
  it("gives every alert once, newest first, a page at a time", async () => {
    const { id } = await add({ window_minutes: 1 });
    for (let turn = 0; turn < 5; turn++) {
      await record(10, { status: 500 });
      await evaluateRules([]);
      await switchRule(id, false);
      await switchRule(id, true);
      pass(3 * MINUTE);
    }
    const first = await listAlerts({ rule: id, limit: 3 });
    const second = await listAlerts({ rule: id, limit: 3, cursor: first.next_cursor ?? "" });
    const ids = [...first.items, ...second.items].map((alert) => alert.id);
    expect(new Set(ids).size).toBe(5);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(second.next_cursor).toBeNull();
  });
});

describe("previewRule", () => {
  it("says how often a rule would have fired in the last day, and for how long", async () => {
    const rule = ruleOf({ window_minutes: 1 });
    expect(await previewRule(rule)).toEqual({ fired: 0, minutes: 0, worst: null, now: null });
    await record(10, { status: 500, ago: 10 * HOUR });
    await record(30, { ago: 5 * HOUR });
    await record(9, { ago: 2 * HOUR });
    await record(1, { status: 500, ago: 2 * HOUR });
    await record(20, { status: 500, ago: 25 * HOUR });
    // The minute itself and the one whose window still reaches it.
    expect(await previewRule(rule)).toEqual({ fired: 2, minutes: 4, worst: 100, now: null });
    expect(await previewRule({ ...rule, threshold: 50 })).toMatchObject({ fired: 1, minutes: 2 });
    await record(10);
    expect(await previewRule(rule)).toMatchObject({ now: 0 });
  });
});
