/** What the console's first page shows: the traffic, with names and with what the team changed meanwhile. */
import { z } from "zod";
import { trafficOverview } from "@/lib/contracts/traffic.admin";

/** A model that customers called, as it is released now. */
export const overviewModel = z.object({
  name: z.string(),
  live: z.int().nullable(),
  candidate: z.int().nullable(),
  /** Of the candidate, in per cent. */
  share: z.int().nullable(),
});

/** A moment that charts mark. */
export const overviewEvent = z.object({ at: z.iso.datetime(), kind: z.enum(["release", "alert"]), name: z.string() });

export const overviewAlert = z.object({
  id: z.string(),
  /** What is wrong, with the value and what it is held against. */
  words: z.string(),
  since: z.iso.datetime(),
  acknowledged: z.boolean(),
  /** The requests behind it, as an address of the console. */
  href: z.string(),
});

export const overviewChange = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  /** Null: the service itself, or nobody who proved who they are. */
  who: z.string().nullable(),
  /** `start candidate` */
  what: z.string(),
  target: z.object({ kind: z.string(), id: z.string() }),
  /** What it was done to, by its name where it has one; null where `what` says it already, or it was done to whoever did it. */
  target_name: z.string().nullable(),
  outcome: z.enum(["done", "refused", "unknown"]),
});

export const overviewBoard = z.object({
  traffic: trafficOverview,
  /** By slug; models that are gone are not in it. */
  models: z.record(z.string(), overviewModel),
  /** Names by customer id; customers that are gone are not in it. */
  customers: z.record(z.string(), z.string()),
  /** Within the span of the traffic, oldest first. */
  events: z.array(overviewEvent),
  /** Active ones, newest first. */
  alerts: z.array(overviewAlert),
  /** Newest first. */
  changes: z.array(overviewChange),
  /** Parts that could not be read this time: what is shown of them is empty, not zero. */
  missing: z.array(z.string()),
});

export type OverviewModel = z.infer<typeof overviewModel>;
export type OverviewEvent = z.infer<typeof overviewEvent>;
export type OverviewAlert = z.infer<typeof overviewAlert>;
export type OverviewChange = z.infer<typeof overviewChange>;
export type OverviewBoard = z.infer<typeof overviewBoard>;
