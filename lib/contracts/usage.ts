/** How much a customer used, from counts that are kept per bucket of time: reading a month costs by buckets, not by calls. */
import { z } from "zod";
import { planNames } from "@/lib/plans";

export const bucketWidth = z.enum(["1m", "1h", "1d"]);
export const usageGroup = z.enum(["model", "api_key_id"]);

export const usageSeriesInput = z.strictObject({
  /** Inclusive; rounded down to a bucket. */
  start_time: z.iso.datetime({ offset: true }),
  /** Exclusive; now when left out. */
  end_time: z.iso.datetime({ offset: true }).optional(),
  bucket_width: bucketWidth.default("1d"),
  group_by: z.array(usageGroup).max(2).default([]),
});

export const usageCount = z.object({
  /** Absent where it is not grouped by. */
  model: z.string().optional(),
  /** Null: a signed-in page. Absent where it is not grouped by. */
  api_key_id: z.string().nullable().optional(),
  calls: z.int(),
  rows: z.int(),
  /** Calls that were refused by a limit. */
  limited: z.int(),
});
/** Buckets without a call are left out. */
export const usageBucket = z.object({ start_time: z.iso.datetime(), end_time: z.iso.datetime(), results: z.array(usageCount) });
export const usageSeries = z.object({ object: z.literal("usage"), bucket_width: bucketWidth, data: z.array(usageBucket) });

const meter = z.object({ used: z.int(), limit: z.int(), resets_at: z.iso.datetime() });
export const usageSummary = z.object({
  plan: z.enum(planNames),
  minute: meter,
  month: meter,
  /** Rows since midnight UTC. */
  today: z.int(),
  rows_per_call: z.int(),
  retention_days: z.int(),
  /** `near`: 80 % of the month are used; `reached`: all of it. */
  notice: z.enum(["near", "reached"]).nullable(),
});

export type BucketWidth = z.infer<typeof bucketWidth>;
export type UsageSeriesInput = z.output<typeof usageSeriesInput>;
export type UsageSeries = z.infer<typeof usageSeries>;
export type UsageSummary = z.infer<typeof usageSummary>;
export type UsageCount = z.infer<typeof usageCount>;
