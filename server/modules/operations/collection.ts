import "server-only";
import { type Connection, type Model, Schema } from "mongoose";

/** What customers are told on every page. */
export interface NoticeRecord {
  _id: "notice";
  text: string;
  tone: "info" | "warn";
  /** null: since it was written. */
  from: Date | null;
  /** null: until somebody takes it away. */
  to: Date | null;
  changedAt: Date;
  changedBy: string;
}

/** One run of a job that was begun; what was not due leaves nothing behind. */
export interface JobRunRecord {
  _id: string;
  job: string;
  startedAt: Date;
  milliseconds: number;
  outcome: "done" | "failed";
  detail: string;
  /** null: the scheduler. */
  by: string | null;
}

const options = { strict: "throw", versionKey: false, minimize: false } as const;
const text = { type: String, required: true };
const moment = { type: Date, required: true };
const maybeMoment = { type: Date, default: null };

const noticeSchema = new Schema<NoticeRecord>(
  { _id: text, text, tone: text, from: maybeMoment, to: maybeMoment, changedAt: moment, changedBy: text },
  { ...options, collection: "site_notice" },
);

const runSchema = new Schema<JobRunRecord>(
  {
    _id: text,
    job: text,
    startedAt: moment,
    milliseconds: { type: Number, required: true },
    outcome: text,
    detail: { type: String, default: "" },
    by: { type: String, default: null },
  },
  { ...options, collection: "job_runs" },
);
runSchema.index({ job: 1, _id: -1 });

/** The room's collections on one connection. */
export interface OperationCollections {
  notices: Model<NoticeRecord>;
  runs: Model<JobRunRecord>;
}

/** Binds the collections to a connection; binding again gives the same ones. */
export function bindOperations(connection: Connection): OperationCollections {
  return {
    notices: connection.models.SiteNotice ?? connection.model<NoticeRecord>("SiteNotice", noticeSchema),
    runs: connection.models.JobRun ?? connection.model<JobRunRecord>("JobRun", runSchema),
  };
}
