import "server-only";
import { type Connection, type Model, Schema } from "mongoose";

/** One act, in the form that its hash is made of; nothing of it ever changes. */
export interface AuditRecord {
  /** Counts from 1 without a gap: what makes a missing entry show. */
  _id: number;
  id: string;
  at: Date;
  operator: { id: string; email: string; name: string } | null;
  action: string;
  target: { kind: string; id: string };
  outcome: "done" | "refused" | "unknown";
  code: string | null;
  reason: string | null;
  /** JSON text, so that what is hashed is what is read, to the byte. */
  before: string;
  after: string;
  address: string;
  requestId: string;
  previousHash: string;
  hash: string;
}

/** An act that began: it becomes an entry when it ends, or when nobody told in time how it ended. */
export interface IntentRecord {
  _id: string;
  at: Date;
  operator: AuditRecord["operator"];
  action: string;
  target: AuditRecord["target"];
  reason: string | null;
  address: string;
  requestId: string;
  stretch?: StretchRecord | null;
}

/** Many small acts that are told as one entry, while they go on. */
export interface StretchRecord {
  /** Who does what to what, from where. */
  key: string;
  /** How many acts of it began, and how many were done. */
  begun: number;
  done: number;
  lastAt: Date;
  /** JSON text, as in an entry: before the first act that was done, and after the last. */
  before: string;
  after: string;
}

/** Where the chain ends, kept apart from it: entries that are cut off at the end leave no gap behind. */
export interface HeadRecord {
  _id: "head";
  number: number;
  hash: string;
}

const options = { strict: "throw", versionKey: false, minimize: false } as const;
const text = { type: String, required: true };
const moment = { type: Date, required: true };
const targetSchema = new Schema({ kind: text, id: text }, { ...options, _id: false });
const operatorSchema = new Schema({ id: text, email: text, name: text }, { ...options, _id: false });
const shared = {
  at: moment,
  operator: { type: operatorSchema, default: null },
  action: text,
  target: { type: targetSchema, required: true },
  reason: { type: String, default: null },
  address: { type: String, default: "" },
  requestId: text,
};

const auditSchema = new Schema<AuditRecord>(
  {
    _id: { type: Number, required: true },
    id: text,
    ...shared,
    outcome: text,
    code: { type: String, default: null },
    before: text,
    after: text,
    previousHash: { type: String, default: "" },
    hash: text,
  },
  { ...options, collection: "audit_entries" },
);
auditSchema.index({ action: 1, _id: -1 });
auditSchema.index({ "operator.id": 1, _id: -1 });
auditSchema.index({ "target.id": 1, _id: -1 });

const count = { type: Number, required: true };
const stretchSchema = new Schema<StretchRecord>(
  { key: text, begun: count, done: count, lastAt: moment, before: text, after: text },
  { ...options, _id: false },
);
const intentSchema = new Schema<IntentRecord>(
  { _id: text, ...shared, stretch: { type: stretchSchema, default: null } },
  { ...options, collection: "audit_intents" },
);
intentSchema.index({ at: 1 });

const headSchema = new Schema<HeadRecord>({ _id: text, number: { type: Number, required: true }, hash: text }, { ...options, collection: "audit_head" });

/** The room's collections on one connection. */
export interface AuditCollections {
  entries: Model<AuditRecord>;
  intents: Model<IntentRecord>;
  heads: Model<HeadRecord>;
}

/** Binds the collections to a connection; binding again gives the same ones. */
export function bindAudit(connection: Connection): AuditCollections {
  return {
    entries: connection.models.AuditEntry ?? connection.model<AuditRecord>("AuditEntry", auditSchema),
    intents: connection.models.AuditIntent ?? connection.model<IntentRecord>("AuditIntent", intentSchema),
    heads: connection.models.AuditHead ?? connection.model<HeadRecord>("AuditHead", headSchema),
  };
}
