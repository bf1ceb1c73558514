import "server-only";
import { type Connection, type Model, Schema } from "mongoose";
import type { BucketWidth } from "@/lib/contracts/usage";

/** What one customer used in one calendar month, UTC: what the month's quota is held against. */
export interface MonthRecord {
  /** `cus_…:2026-11`. */
  _id: string;
  customerId: string;
  rows: number;
  /** When rows were last taken from it; absent in months from before that was kept. */
  lastAt?: Date;
  expiresAt: Date;
}

/** What one customer did in one span of time with one model by one key. */
export interface BucketRecord {
  customerId: string;
  width: BucketWidth;
  start: Date;
  model: string;
  /** null: a signed-in page. */
  keyId: string | null;
  calls: number;
  rows: number;
  /** Calls that a limit refused; they are not in `calls`. */
  limited: number;
  expiresAt: Date;
}

const options = { strict: "throw", versionKey: false, minimize: false } as const;
const text = { type: String, required: true };
const count = { type: Number, required: true };
const moment = { type: Date, required: true };

const monthSchema = new Schema<MonthRecord>(
  { _id: text, customerId: text, rows: count, lastAt: Date, expiresAt: moment },
  { ...options, collection: "usage_months" },
);
monthSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
/** Who used most of a month: all counts of one month end at the same time. */
monthSchema.index({ expiresAt: 1, rows: -1 });

const bucketSchema = new Schema<BucketRecord>(
  {
    customerId: text,
    width: text,
    start: moment,
    model: text,
    keyId: { type: String, default: null },
    calls: count,
    rows: count,
    limited: count,
    expiresAt: moment,
  },
  { ...options, collection: "usage_buckets" },
);
/** One document a bucket; and in this order of fields also the way every span of a customer is read. */
bucketSchema.index({ customerId: 1, width: 1, start: 1, model: 1, keyId: 1 }, { unique: true });
bucketSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/** The room's collections on one connection. */
export interface UsageCollections {
  months: Model<MonthRecord>;
  buckets: Model<BucketRecord>;
}

/** Binds the collections to a connection; binding again gives the same ones. */
export function bindUsage(connection: Connection): UsageCollections {
  return {
    months: connection.models.UsageMonth ?? connection.model<MonthRecord>("UsageMonth", monthSchema),
    buckets: connection.models.UsageBucket ?? connection.model<BucketRecord>("UsageBucket", bucketSchema),
  };
}
