import "server-only";
import { type Connection, type Model, Schema } from "mongoose";
import type { Width } from "@/server/modules/traffic/spans";

export type Surface = "api" | "console";
export type Arm = "live" | "candidate" | "pinned";

/** What can be said of a call, and of others like it, in the same words. */
export interface CallKind {
  surface: Surface;
  route: string;
  method: string;
  status: number;
  code: string | null;
  model: string | null;
  version: number | null;
  arm: Arm | null;
  customerId: string | null;
  keyId: string | null;
  cameBy: "key" | "session" | "visitor" | null;
}

/** One call, as the log keeps it for 30 days. Of what was sent and answered nothing is in it. */
export interface EntryRecord extends CallKind {
  /** `ent_…`: the call's time, so that the order of ids is that of time. */
  _id: string;
  /** What the answer said; the caller may have chosen it. */
  requestId: string;
  at: Date;
  milliseconds: number;
  rows: number | null;
}

/** Entries of one kind and about the same time, stored as one document (log-block.ts). */
export interface LogBlock extends CallKind {
  /** The newest entry's. */
  _id: string;
  /** The oldest entry's id. */
  oldest: string;
  /** When the newest one was. */
  at: Date;
  count: number;
  /** 4 or 5 where there was no result. */
  failure: number | null;
  /** The most that one of them took, in milliseconds. */
  slowest: number;
  /** How slow the slowest was, each true from so many milliseconds on; absent otherwise. Slow ones are found by them. */
  over100?: true;
  over500?: true;
  over2000?: true;
  /** The request id of them all, where it is not of the time of the call; null otherwise. */
  chosenId: string | null;
  /** The bounds of the request ids; null where there is a chosen one. */
  firstRequest: string | null;
  lastRequest: string | null;
  /** What tells them apart, as JSON: of each its id, request id, milliseconds and rows. */
  entries: string;
}

export interface Bucket {
  width: Width;
  start: Date;
  expiresAt: Date;
}

/** Calls in one span of time: all of a surface, those of one model, or those of one of its versions in one role. */
export interface CallBucket extends Bucket {
  scope: "all" | "model" | "arm";
  surface: Surface;
  model: string | null;
  version: number | null;
  arm: Arm | null;
  calls: number;
  /** Answered ones. */
  rows: number;
  redirected: number;
  refused: number;
  limited: number;
  failed: number;
  /** Calls that are not in these counts, by the time that was noticed. */
  lost: number;
  /** Calls that are not in the log, by the same time; absent where all are. */
  unlogged?: number;
  /** `b` and the number of the bucket (lib/latency-histogram.ts): calls that were not refused. */
  latency?: Record<string, number>;
}

export interface CustomerBucket extends Bucket {
  customerId: string;
  calls: number;
  failed: number;
  limited: number;
}

/** Calls without a result, by reason and place. */
export interface ErrorBucket extends Bucket {
  surface: Surface;
  code: string;
  route: string;
  status: number;
  calls: number;
  /** Absent in buckets from before it was kept. */
  firstAt?: Date;
  lastAt: Date;
}

/** How the answers of one output were spread, with what is needed to read it: a version never changes. */
export interface AnswerBucket extends Bucket {
  model: string;
  version: number;
  arm: Arm;
  output: string;
  rows: number;
  /** Of the values in `bins`. */
  sum: number;
  /** `c` and the place in `labels`. */
  classes?: Record<string, number>;
  labels: string[];
  /** `b` and the place between `edges`. */
  bins?: Record<string, number>;
  edges: number[];
}

/** What a process says of itself now and then. */
export interface ProcessRecord {
  _id: string;
  host: string;
  pid: number;
  surfaces: Surface[];
  version: string;
  node: string;
  startedAt: Date;
  lastSeenAt: Date;
  rss: number;
  heap: number;
  loopDelay: number;
  calls: number;
  canPredict: boolean | null;
}

const DAY_SECONDS = 24 * 60 * 60;
const options = { strict: "throw", versionKey: false, minimize: false } as const;
const text = { type: String, required: true };
const count = { type: Number, required: true };
const moment = { type: Date, required: true };
const mixed = { type: Schema.Types.Mixed };
const maybeText = { type: String, default: null };
const maybeCount = { type: Number, default: null };
const flag = { type: Boolean, default: undefined };

const blockSchema = new Schema<LogBlock>(
  {
    _id: text,
    oldest: text,
    at: moment,
    count,
    surface: text,
    route: text,
    method: text,
    status: count,
    failure: maybeCount,
    code: maybeText,
    slowest: count,
    over100: flag,
    over500: flag,
    over2000: flag,
    model: maybeText,
    version: maybeCount,
    arm: maybeText,
    customerId: maybeText,
    keyId: maybeText,
    cameBy: maybeText,
    chosenId: maybeText,
    firstRequest: maybeText,
    lastRequest: maybeText,
    entries: text,
  },
  { ...options, collection: "request_blocks" },
);
/** Newest first by each thing a list is narrowed to; what most calls have not is in no index, so that they need not pay for it. */
const named = { $gt: "" };
blockSchema.index({ chosenId: 1, _id: 1 }, { partialFilterExpression: { chosenId: named } });
blockSchema.index({ model: 1, _id: 1 }, { partialFilterExpression: { model: named } });
blockSchema.index({ customerId: 1, _id: 1 }, { partialFilterExpression: { customerId: named } });
blockSchema.index({ keyId: 1, _id: 1 }, { partialFilterExpression: { keyId: named } });
blockSchema.index({ code: 1, _id: 1 }, { partialFilterExpression: { code: named } });
blockSchema.index({ failure: 1, _id: 1 }, { partialFilterExpression: { failure: { $gte: 4 } } });
blockSchema.index({ surface: 1, _id: 1 }, { partialFilterExpression: { surface: "console" } });
blockSchema.index({ arm: 1, _id: 1 }, { partialFilterExpression: { arm: "candidate" } });
blockSchema.index({ over100: 1, _id: 1 }, { partialFilterExpression: { over100: true } });
blockSchema.index({ over500: 1, _id: 1 }, { partialFilterExpression: { over500: true } });
blockSchema.index({ over2000: 1, _id: 1 }, { partialFilterExpression: { over2000: true } });
blockSchema.index({ at: 1 }, { expireAfterSeconds: 30 * DAY_SECONDS });

const bucket = { width: text, start: moment, expiresAt: moment };
const role = { model: text, version: count, arm: text };

const callSchema = new Schema<CallBucket>(
  {
    ...bucket,
    scope: text,
    surface: text,
    model: maybeText,
    version: maybeCount,
    arm: maybeText,
    calls: count,
    rows: count,
    redirected: count,
    refused: count,
    limited: count,
    failed: count,
    lost: count,
    unlogged: Number,
    latency: mixed,
  },
  { ...options, collection: "traffic_buckets" },
);
/** One document a bucket, and in this order of fields the way every span is read; so it is with the other counts. */
callSchema.index({ scope: 1, surface: 1, width: 1, start: 1, model: 1, version: 1, arm: 1 }, { unique: true });

const customerSchema = new Schema<CustomerBucket>(
  { ...bucket, customerId: text, calls: count, failed: count, limited: count },
  { ...options, collection: "traffic_customers" },
);
customerSchema.index({ customerId: 1, width: 1, start: 1 }, { unique: true });
/** Who called most in a span, without reading those who called less. */
customerSchema.index({ width: 1, start: 1, calls: 1 });

const errorSchema = new Schema<ErrorBucket>(
  { ...bucket, surface: text, code: text, route: text, status: count, calls: count, firstAt: Date, lastAt: moment },
  { ...options, collection: "traffic_errors" },
);
errorSchema.index({ width: 1, start: 1, surface: 1, code: 1, route: 1, status: 1 }, { unique: true });

const answerSchema = new Schema<AnswerBucket>(
  { ...bucket, ...role, output: text, rows: count, sum: count, classes: mixed, labels: [String], bins: mixed, edges: [Number] },
  { ...options, collection: "answer_buckets" },
);
answerSchema.index({ model: 1, version: 1, width: 1, start: 1, arm: 1, output: 1 }, { unique: true });

for (const schema of [callSchema, customerSchema, errorSchema, answerSchema]) schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const processSchema = new Schema<ProcessRecord>(
  {
    _id: text,
    host: text,
    pid: count,
    surfaces: [String],
    version: text,
    node: text,
    startedAt: moment,
    lastSeenAt: moment,
    rss: count,
    heap: count,
    loopDelay: count,
    calls: count,
    canPredict: { type: Boolean, default: null },
  },
  { ...options, collection: "process_reports" },
);
processSchema.index({ lastSeenAt: 1 }, { expireAfterSeconds: DAY_SECONDS });

/** The room's collections on one connection. */
export interface TrafficCollections {
  log: Model<LogBlock>;
  calls: Model<CallBucket>;
  customers: Model<CustomerBucket>;
  errors: Model<ErrorBucket>;
  answers: Model<AnswerBucket>;
  processes: Model<ProcessRecord>;
}

/** Binds the collections to a connection; binding again gives the same ones. */
export function bindTraffic(connection: Connection): TrafficCollections {
  const { models } = connection;
  return {
    log: models.TrafficLog ?? connection.model<LogBlock>("TrafficLog", blockSchema),
    calls: models.TrafficCalls ?? connection.model<CallBucket>("TrafficCalls", callSchema),
    customers: models.TrafficCustomer ?? connection.model<CustomerBucket>("TrafficCustomer", customerSchema),
    errors: models.TrafficError ?? connection.model<ErrorBucket>("TrafficError", errorSchema),
    answers: models.TrafficAnswers ?? connection.model<AnswerBucket>("TrafficAnswers", answerSchema),
    processes: models.TrafficProcess ?? connection.model<ProcessRecord>("TrafficProcess", processSchema),
  };
}
