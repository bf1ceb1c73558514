/** Alerts: rules about what the service counts of its calls, and what happened when one of them was broken. */
import { z } from "zod";
import { emailAddress } from "@/lib/contracts/account";
import { modelSlug } from "@/lib/contracts/catalog";
import { surface } from "@/lib/contracts/traffic.admin";

/**
 * What a rule looks at, over the last minutes: the share of calls that failed (5xx) or that a limit refused (429), in per cent; a
 * percentile of the latency in milliseconds; or how many calls there were at all.
 */
export const alertMetric = z.enum(["error_rate", "p95", "p99", "limited", "silence"]);

const label = z
  .string()
  .trim()
  .min(1, "is missing")
  .max(80, "takes at most 80 characters")
  .regex(/^[^\p{Cc}]*$/u, "takes no control characters");

/** What a rule says; for `silence` it is broken below the threshold, for everything else above it. */
export const alertRuleInput = z
  .strictObject({
    name: label,
    metric: alertMetric,
    surface,
    /** Null: all of the surface. */
    model: modelSlug.nullable(),
    /** Per cent, milliseconds, or calls: see {@link alertMetric}. */
    threshold: z.number("must be a number").gt(0, "must be above 0").max(3_600_000, "must be at most 3,600,000"),
    window_minutes: z.int("must be a whole number").min(1, "must be at least 1").max(60, "must be at most 60"),
    /** With fewer calls in the window the rule holds; it says nothing for `silence`. */
    min_calls: z.int("must be a whole number").min(0, "must be at least 0").max(1_000_000, "must be at most 1,000,000"),
    enabled: z.boolean(),
    /** Who is mailed. Null: all operators and owners of the team; an empty list: nobody. */
    mail_to: z.array(emailAddress).max(20, "takes at most 20 addresses").nullable(),
  })
  .superRefine((rule, context) => {
    const share = rule.metric === "error_rate" || rule.metric === "limited";
    if (share && rule.threshold >= 100) context.addIssue({ code: "custom", path: ["threshold"], message: "must be below 100 per cent" });
    if (rule.metric === "silence" && !Number.isInteger(rule.threshold)) {
      context.addIssue({ code: "custom", path: ["threshold"], message: "must be a whole number of calls" });
    }
    if (rule.surface === "console" && rule.model !== null) {
      context.addIssue({ code: "custom", path: ["model"], message: "is called by customers: the console has none" });
    }
  });

/** The most that a rule may count; said apart, because a refined object cannot be taken to pieces. */
const ruleFacts = {
  name: z.string(),
  metric: alertMetric,
  surface,
  model: z.string().nullable(),
  threshold: z.number(),
  window_minutes: z.int(),
  min_calls: z.int(),
};

export const alertRule = z.object({
  id: z.string(),
  ...ruleFacts,
  enabled: z.boolean(),
  mail_to: z.array(z.string()).nullable(),
  /** Until then the rule opens nothing and mails nobody; null: it is not muted. */
  muted_until: z.iso.datetime().nullable(),
  /** Who made it; null: it came with the service. */
  created_by: z.string().nullable(),
  created_at: z.iso.datetime(),
  /** Goes up with each change; a change names the one it was made from. */
  revision: z.int(),
});
export const alertRuleList = z.object({ items: z.array(alertRule) });

export const alert = z.object({
  id: z.string(),
  rule_id: z.string(),
  /** As the rule said when it was broken last. */
  rule: z.object(ruleFacts),
  opened_at: z.iso.datetime(),
  /** When the rule was opened, and when it was looked at last. */
  first_value: z.number(),
  last_value: z.number().nullable(),
  last_seen_at: z.iso.datetime(),
  /** The furthest from the threshold. */
  worst_value: z.number(),
  /** Null: it is active. */
  closed_at: z.iso.datetime().nullable(),
  closed_because: z.enum(["back", "rule_changed", "rule_off", "rule_deleted"]).nullable(),
  acknowledged: z.object({ at: z.iso.datetime(), by: z.string(), note: z.string() }).nullable(),
  /** How many people were told that it opened, and how many still wait for their mail. */
  mailed: z.int(),
  mail_waiting: z.int(),
});
export const activeAlerts = z.object({ items: z.array(alert) });

export const listAlertsInput = z.strictObject({
  rule: z.string().min(1).max(60).optional(),
  /** `next_cursor` of the page before. */
  cursor: z.string().max(60).optional(),
  limit: z.int().min(1).max(200).default(50),
});
/** Newest first, active ones too. */
export const alertPage = z.object({ items: z.array(alert), next_cursor: z.string().nullable() });

export const changeRuleInput = z.strictObject({ id: z.string().min(1).max(60), revision: z.int(), rule: alertRuleInput });
export const ruleIdInput = z.strictObject({ id: z.string().min(1).max(60) });
export const switchRuleInput = z.strictObject({ id: z.string().min(1).max(60), enabled: z.boolean() });
/** 0 minutes end it. */
export const muteRuleInput = z.strictObject({ id: z.string().min(1).max(60), minutes: z.int().min(0).max(24 * 60) });
const note = z.string().trim().max(300, "takes at most 300 characters");
export const acknowledgeInput = z.strictObject({ id: z.string().min(1).max(60), note });

/** What a rule would have done in the last 24 hours, by the minute; of the past, not of what comes. */
export const rulePreview = z.object({
  /** How often an alert would have opened. */
  fired: z.int(),
  /** For how many minutes it would have been broken. */
  minutes: z.int(),
  /** The furthest from the threshold; null where no window had enough calls. */
  worst: z.number().nullable(),
  /** What it is now; null where there are not enough calls. */
  now: z.number().nullable(),
});

export type AlertMetric = z.infer<typeof alertMetric>;
export type AlertRuleInput = z.output<typeof alertRuleInput>;
export type AlertRule = z.infer<typeof alertRule>;
export type Alert = z.infer<typeof alert>;
export type AlertPage = z.infer<typeof alertPage>;
export type RulePreview = z.infer<typeof rulePreview>;
