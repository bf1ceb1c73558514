/** Customers as the team sees them: who they are, what they use, what was agreed, and what an act would break. Never what they send. */
import { z } from "zod";
import { account, planLimits, signInEntry } from "@/lib/contracts/account";
import { apiKey, keyId } from "@/lib/contracts/keys";
import { usageSummary } from "@/lib/contracts/usage";
import { planNames } from "@/lib/plans";

export const customerId = z.string().regex(/^cus_[0-9A-HJKMNP-TV-Z]{26}$/, "is not the id of a customer");
export const customerInput = z.strictObject({ id: customerId });

export const customerStatus = z.enum(["active", "suspended", "leaving"]);
export const customerRow = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  plan: z.enum(planNames),
  /** Whether something else than the plan was agreed. */
  agreed: z.boolean(),
  /** Keys that work. */
  keys: z.int(),
  /** Rows of this calendar month, UTC. */
  month: z.object({ used: z.int(), limit: z.int() }),
  /** Of the last twelve months. */
  last_call_at: z.iso.datetime().nullable(),
  last_sign_in_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  /** `leaving`: its deletion has begun. */
  status: customerStatus,
});

export const listCustomersInput = z.strictObject({
  /** An address's beginning, words of a name, the id of a customer or of a key, or a key as its owner sees it: `vt_live_7Kq2…Gy0A`. */
  search: z.string().trim().max(254).optional(),
  plan: z.enum(planNames).optional(),
  suspended: z.boolean().optional(),
  /** Only those who used 80 % of this month or more, most first. */
  near_limit: z.boolean().default(false),
  signed_up_since: z.iso.datetime({ offset: true }).optional(),
  /** `next_cursor` of the page before. */
  cursor: customerId.optional(),
  limit: z.int().min(1).max(100).default(50),
});
export const customerPage = z.object({
  /** Newest first. */
  items: z.array(customerRow),
  next_cursor: z.string().nullable(),
  /** Of all customers. */
  total: z.int(),
});

/** What was agreed for one customer alone; null: as the plan says. */
export const agreedLimits = z.object({
  rows_per_minute: z.int().nullable(),
  rows_per_month: z.int().nullable(),
  rows_per_call: z.int().nullable(),
  retention_days: z.int().nullable(),
});
export const customerNote = z.object({ id: z.string(), text: z.string(), author: z.string(), at: z.iso.datetime() });
export const customerDetail = z.object({
  account,
  status: customerStatus,
  suspended_at: z.iso.datetime().nullable(),
  agreed: agreedLimits,
  /** What the plan says without the agreement. */
  plan_limits: planLimits,
  usage: usageSummary,
  keys: z.array(apiKey),
  /** Browsers that are signed in: began in the last 30 days and were not ended. */
  sessions: z.int(),
  /** Newest first, at most 20. */
  sign_ins: z.array(signInEntry),
  /** Newest first, at most 50. */
  notes: z.array(customerNote),
});
export const customerUsageInput = z.strictObject({ id: customerId, days: z.int().min(1).max(90).default(30) });

/** Why, in the operator's words: it stands in the audit. */
export const reason = z.string().trim().min(3, "says in a few words why").max(300, "takes at most 300 characters");
export const customerActInput = z.strictObject({ id: customerId, reason });
export const customerKeyInput = z.strictObject({ id: customerId, key: keyId });
export const revokeCustomerKeyInput = customerKeyInput.extend({ reason });

const upTo = (most: number) =>
  z.int("takes a whole number").min(1, "must be at least 1").max(most, `must be at most ${most.toLocaleString("en-US")}`).nullable();
export const limitsChange = z.strictObject({
  plan: z.enum(planNames),
  agreed: z.strictObject({
    rows_per_minute: upTo(10_000_000),
    rows_per_month: upTo(1_000_000_000_000),
    rows_per_call: upTo(1_000),
    retention_days: upTo(3_650),
  }),
});
export const previewLimitsInput = limitsChange.extend({ id: customerId });
/** What stood there when the change was begun: where somebody else has changed it since, the change is refused (`conflict`). */
export const seenLimits = z.strictObject({ plan: z.enum(planNames), agreed: z.strictObject(agreedLimits.shape) });
export const setLimitsInput = previewLimitsInput.extend({ seen: seenLimits, reason });

/** What other limits would have meant, from what was counted. */
export const limitsPreview = z.object({
  /** The limits that would hold. */
  limits: planLimits,
  /** The most rows in one minute of the last 24 hours. */
  peak_rows_per_minute: z.int(),
  /** Minutes of the last 24 hours with an answered row, and those of them with more rows than the new limit. */
  minutes_used: z.int(),
  minutes_over: z.int(),
  month_used: z.int(),
  /** The month's rows are used up under the new limit: every call is refused until the month ends. */
  month_over: z.boolean(),
  month_resets_at: z.iso.datetime(),
});
/** What stops when a customer is suspended. */
export const suspendPreview = z.object({
  /** Keys with a call in the last 24 hours that still work. */
  keys_in_use: z.int(),
  /** Answered calls of the last 24 hours, by keys and by pages. */
  calls_24h: z.int(),
  sessions: z.int(),
});

const noteText = z.string().trim().min(1, "is missing").max(1_000, "takes at most 1,000 characters");
export const addNoteInput = z.strictObject({ id: customerId, text: noteText });
export const removeNoteInput = z.strictObject({ id: customerId, note: z.string().max(40) });

export type CustomerRow = z.infer<typeof customerRow>;
export type CustomerStatus = z.infer<typeof customerStatus>;
export type CustomerPage = z.infer<typeof customerPage>;
export type CustomerDetail = z.infer<typeof customerDetail>;
export type CustomerNote = z.infer<typeof customerNote>;
export type AgreedLimits = z.infer<typeof agreedLimits>;
export type LimitsChange = z.infer<typeof limitsChange>;
export type SeenLimits = z.infer<typeof seenLimits>;
export type LimitsPreview = z.infer<typeof limitsPreview>;
export type SuspendPreview = z.infer<typeof suspendPreview>;
export type ListCustomers = z.output<typeof listCustomersInput>;
