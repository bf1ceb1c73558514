import "server-only";
import { linkToRequests, sayAlertValue, sayLine, sayPlace } from "@/lib/alert-words.admin";
import type { OverviewAlert, OverviewChange, OverviewEvent, OverviewModel } from "@/lib/contracts/overview.admin";
import type { ReleaseEvent } from "@/lib/contracts/releases.admin";
import { log } from "@/server/core/log";
import { namesOfCustomers } from "@/server/modules/accounts/service.admin";
import { listActiveAlerts, listAlerts, listRules } from "@/server/modules/alerts/service.admin";
import { listEntries } from "@/server/modules/audit/service.admin";
import { listModelsForConsole, listReleaseEvents } from "@/server/modules/catalog/console.admin";
import { listOperators } from "@/server/modules/operators/service.admin";

const MODELS_A_PAGE = 100;
/** Beyond so many models some of the called ones go by their slugs. */
const MOST_PAGES = 5;
const MOST_CHANGES = 8;
const LOOKED_AT = 40;
const MOST_ALERTS = 20;

/**
 * A part of a page that the rest does not wait for in vain: where it fails it is empty, and named in `missing`.
 * @param missing is added to
 */
export async function readPart<Part>(name: string, missing: string[], empty: Part, read: () => Promise<Part>): Promise<Part> {
  try {
    return await read();
  } catch (error) {
    log("warn", "overview_part_failed", { part: name, cause: error instanceof Error ? error.name : "unknown" });
    missing.push(name);
    return empty;
  }
}

/** Names and releases of models, by slug. */
export async function readModelNames(): Promise<Record<string, OverviewModel>> {
  const found: [string, OverviewModel][] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { items, next_cursor } = await listModelsForConsole({ limit: MODELS_A_PAGE, cursor });
    for (const { slug, name, release } of items) found.push([slug, { name, live: release.live, candidate: release.candidate, share: release.share }]);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return Object.fromEntries(found);
}

function sayMove({ slug, act, to, share }: ReleaseEvent): string {
  if (to === null && act !== "unpublish") return `${slug} trial stopped`;
  switch (act) {
    case "publish":
      return `${slug} ${to} published`;
    case "start_candidate":
      return `${slug} ${to} tried${share === null ? "" : ` at ${share} %`}`;
    case "set_share":
      return `${slug} ${to} at ${share ?? 0} %`;
    case "promote":
      return `${slug} ${to} promoted`;
    case "stop_candidate":
      return `${slug} trial stopped`;
    case "roll_back":
      return `${slug} back to ${to}`;
    case "unpublish":
      return `${slug} taken off`;
  }
}

/** One act may move two aliases: it is one event, told by what became of the live one. */
export async function readReleaseEvents(from: string): Promise<OverviewEvent[]> {
  const moves = (await listReleaseEvents(new Date(from))).toSorted((one, other) => Number(one.alias === "live") - Number(other.alias === "live"));
  const events = new Map(moves.map((move) => [`${move.slug} ${move.at}`, { at: move.at, kind: "release" as const, name: sayMove(move) }]));
  return [...events.values()].toSorted((one, other) => one.at.localeCompare(other.at));
}

/** What is wrong now, the latest first. */
export async function readActiveAlerts(): Promise<OverviewAlert[]> {
  const active = (await listActiveAlerts()).toReversed().slice(0, MOST_ALERTS);
  return active.map((alert) => {
    const { id, rule, last_value, first_value, opened_at: since, acknowledged } = alert;
    const value = sayAlertValue(rule.metric, last_value ?? first_value);
    const words = `${rule.name}: ${value}, ${sayLine(rule)} (${sayPlace(rule)})`;
    return { id, words, since, acknowledged: acknowledged !== null, href: linkToRequests(alert) };
  });
}

/** When alerts began and ended. */
export async function readAlertEvents(from: string): Promise<OverviewEvent[]> {
  const { items } = await listAlerts({ limit: MOST_ALERTS });
  const events = items.flatMap(({ rule, opened_at: opened, closed_at: closed }) => [
    { at: opened, kind: "alert" as const, name: `${rule.name} began` },
    ...(closed === null ? [] : [{ at: closed, kind: "alert" as const, name: `${rule.name} ended` }]),
  ]);
  return events.filter(({ at }) => at >= from);
}

/** Comings and goings, a password typed again, and work on what is not published yet, change nothing for anybody. */
const QUIET = /^(operator\.sign_(in|out)|operator\.confirm_password|draft\..+|upload\..+)$/;

/** An act in words: what it was done with is named only where it is not what it was done to. */
function sayAct(action: string, kind: string): string {
  const [noun = "", verb = ""] = action.replaceAll("_", " ").split(".");
  return noun === kind.replaceAll("_", " ") ? verb : `${verb} ${noun}`;
}

type Target = OverviewChange["target"];

/** Names of what goes by an id that says nothing to a reader; what is gone is not in it. */
async function readTargetNames(targets: readonly Target[]): Promise<Map<string, string>> {
  const idsOf = (kind: string) => targets.flatMap((target) => (target.kind === kind ? [target.id] : []));
  const [rules, operators, customers] = await Promise.all([listRules(), listOperators(), namesOfCustomers(idsOf("customer"))]);
  const named = [...rules, ...operators].map(({ id, name }): [string, string] => [id, name]);
  return new Map([...named, ...[...customers].map(([id, { name, email }]): [string, string] => [id, name || email])]);
}

/** The latest acts of the team. */
export async function readChanges(): Promise<OverviewChange[]> {
  const { items } = await listEntries({ limit: LOOKED_AT });
  const acts = items.filter(({ action }) => !QUIET.test(action)).slice(0, MOST_CHANGES);
  const names = await readTargetNames(acts.map(({ target }) => target));
  const nameOf = ({ id }: Target, action: string, by: string | undefined) => {
    return id === by || action.startsWith(`${id}.`) ? null : (names.get(id) ?? id);
  };
  return acts.map(({ id, at, operator, action, target, outcome }) => ({
    id,
    at,
    who: operator?.name ?? null,
    what: sayAct(action, target.kind),
    target,
    target_name: nameOf(target, action, operator?.id),
    outcome,
  }));
}

/** Names of customers by id, of those that there are. */
export async function readCustomerNames(of: readonly { customer_id: string | null }[]): Promise<Record<string, string>> {
  const ids = new Set(of.flatMap(({ customer_id: id }) => (id === null ? [] : [id])));
  if (ids.size === 0) return {};
  return Object.fromEntries([...(await namesOfCustomers([...ids]))].map(([id, { name, email }]) => [id, name || email]));
}
