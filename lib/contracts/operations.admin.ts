/** Running the service: the notice on customers' pages, what is configured, the jobs, ending sessions. */
import { z } from "zod";
import { noticeTone } from "@/lib/contracts/notice";
import { processReport } from "@/lib/contracts/traffic.admin";

const moment = z.iso.datetime({ offset: true, error: "is not a time" });

/** `changed_at` of the notice that was seen when the change was begun, null where there was none; another one is refused (`conflict`). */
const seen = z.iso.datetime().nullable();

export const setNoticeInput = z
  .strictObject({
    seen,
    text: z
      .string()
      .trim()
      .min(1, "is missing")
      .max(300, "takes at most 300 characters")
      .regex(/^[^\p{Cc}]*$/u, "takes one line, without control characters"),
    tone: noticeTone,
    /** Null: from now on. */
    from: moment.nullable(),
    /** Null: until it is taken away. */
    to: moment.nullable(),
  })
  .superRefine(({ from, to }, context) => {
    if (to === null || Date.parse(to) > (from === null ? Date.now() : Date.parse(from))) return;
    const message = from === null ? "is over already" : "must be later than the beginning";
    context.addIssue({ code: "custom", path: ["to"], message });
  });

/** Without `seen` whatever notice there is. */
export const removeNoticeInput = z.strictObject({ seen: seen.optional() });

export const noticeState = z.object({
  text: z.string(),
  tone: noticeTone,
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  /** Whether customers see it at this moment, will, or did. */
  state: z.enum(["shown", "planned", "over"]),
  changed_at: z.iso.datetime(),
  changed_by: z.string(),
});
/** Null: there is none. */
export const noticeAnswer = noticeState.nullable();

export const jobName = z.enum(["alerts", "alert_mail", "audit", "deletions"]);
export const jobRun = z.object({
  id: z.string(),
  job: jobName,
  started_at: z.iso.datetime(),
  milliseconds: z.number(),
  outcome: z.enum(["done", "failed"]),
  /** What it did, or a code of the error table. */
  detail: z.string(),
  /** Who asked for it; null: the scheduler. */
  by: z.string().nullable(),
});
export const jobState = z.object({
  name: jobName,
  /** Seconds between two runs, where a scheduler calls often enough. */
  every_seconds: z.int(),
  /** Newest first, at most 50. */
  runs: z.array(jobRun),
});
export const jobList = z.object({ items: z.array(jobState) });
export const runJobInput = z.strictObject({ job: jobName });
export const jobOutcome = z.object({
  job: jobName,
  /** `skipped`: another process is at it, or it is not due yet. */
  outcome: z.enum(["done", "failed", "skipped"]),
  milliseconds: z.number(),
  detail: z.string(),
});
/** What a call of the scheduler did. */
export const upkeepReport = z.object({ jobs: z.array(jobOutcome), milliseconds: z.number() });

export const environmentGroup = z.object({
  name: z.string(),
  /** `off`: the service works without it. */
  state: z.enum(["on", "off", "warn"]),
  /** In words, without any secret. */
  detail: z.string(),
});
export const environmentReport = z.object({
  version: z.string(),
  /** Of the build; null where nobody said. */
  build: z.string().nullable(),
  node: z.string(),
  mode: z.enum(["production", "development", "test"]),
  groups: z.array(environmentGroup),
  /** What should be done, most pressing first. */
  warnings: z.array(z.string()),
});
export const environmentAnswer = environmentReport.extend({ processes: z.array(processReport) });

/** Whom an act on sessions would reach. */
export const sessionCounts = z.object({
  /** Of the console, but for one's own. */
  operators: z.int(),
  /** Customers who signed in while their session would still be good: so many at most. */
  customers: z.int(),
  customers_ended_at: z.iso.datetime().nullable(),
  models_reloaded_at: z.iso.datetime().nullable(),
});

export type RemoveNotice = z.output<typeof removeNoticeInput>;
export type SetNotice = z.output<typeof setNoticeInput>;
export type NoticeState = z.infer<typeof noticeState>;
export type JobName = z.infer<typeof jobName>;
export type JobRun = z.infer<typeof jobRun>;
export type JobState = z.infer<typeof jobState>;
export type JobOutcome = z.infer<typeof jobOutcome>;
export type UpkeepReport = z.infer<typeof upkeepReport>;
export type EnvironmentGroup = z.infer<typeof environmentGroup>;
export type EnvironmentReport = z.infer<typeof environmentReport>;
export type SessionCounts = z.infer<typeof sessionCounts>;
