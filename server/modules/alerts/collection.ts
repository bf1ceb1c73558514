import "server-only";
import { type Connection, type Model, Schema } from "mongoose";

export type Metric = "error_rate" | "p95" | "p99" | "limited" | "silence";

/** What a rule looks at and where it draws the line. */
export interface RuleFacts {
  name: string;
  metric: Metric;
  surface: "api" | "console";
  /** null: all of the surface. */
  model: string | null;
  /** Per cent, milliseconds or calls, as the metric has it. */
  threshold: number;
  windowMinutes: number;
  minCalls: number;
}

export interface RuleRecord extends RuleFacts {
  _id: string;
  enabled: boolean;
  /** null: the team; empty: nobody. */
  mailTo: string[] | null;
  mutedUntil: Date | null;
  /** null: the service itself. */
  createdBy: { id: string; name: string } | null;
  createdAt: Date;
  revision: number;
}

/** One time that a rule was broken, from the first round that found it so to the second in a row that did not. */
export interface AlertRecord {
  _id: string;
  ruleId: string;
  rule: RuleFacts;
  /** Only while it is active: what an index holds to one for each rule. */
  open?: true;
  openedAt: Date;
  firstValue: number;
  lastValue: number | null;
  lastSeenAt: Date;
  worstValue: number;
  /** Rounds in a row in which the rule held. */
  calmRounds: number;
  closedAt: Date | null;
  closedBecause: "back" | "rule_changed" | "rule_off" | "rule_deleted" | null;
  acknowledged: { at: Date; by: string; note: string } | null;
}

/** A mail about an alert to one address; its name is what it says to whom, so that there cannot be two. */
export interface AlertMailRecord {
  /** `alt_…:opened:address` */
  _id: string;
  alertId: string;
  event: "opened" | "closed";
  to: string;
  subject: string;
  text: string;
  /** Not before then: put ahead by whoever sends it. */
  dueAt: Date;
  attempts: number;
  sentAt: Date | null;
  createdAt: Date;
}

/** That the first rules were made: whoever deletes them does not want them back. */
export interface StartRecord {
  _id: "first-rules";
  at: Date;
}

const DAY_SECONDS = 24 * 60 * 60;
const options = { strict: "throw", versionKey: false, minimize: false } as const;
const text = { type: String, required: true };
const count = { type: Number, required: true };
const moment = { type: Date, required: true };
const maybeMoment = { type: Date, default: null };
const facts = {
  name: text,
  metric: text,
  surface: text,
  model: { type: String, default: null },
  threshold: count,
  windowMinutes: count,
  minCalls: count,
};
const part = { ...options, _id: false } as const;
const person = new Schema({ id: text, name: text }, part);
const acknowledgement = new Schema({ at: moment, by: text, note: { type: String, default: "" } }, part);

const ruleSchema = new Schema<RuleRecord>(
  {
    _id: text,
    ...facts,
    enabled: { type: Boolean, required: true },
    mailTo: { type: [String], default: null },
    mutedUntil: maybeMoment,
    createdBy: { type: person, default: null },
    createdAt: moment,
    revision: count,
  },
  { ...options, collection: "alert_rules" },
);

const alertSchema = new Schema<AlertRecord>(
  {
    _id: text,
    ruleId: text,
    rule: { type: new Schema(facts, part), required: true },
    open: { type: Boolean, default: undefined },
    openedAt: moment,
    firstValue: count,
    lastValue: { type: Number, default: null },
    lastSeenAt: moment,
    worstValue: count,
    calmRounds: count,
    closedAt: maybeMoment,
    closedBecause: { type: String, default: null },
    acknowledged: { type: acknowledgement, default: null },
  },
  { ...options, collection: "alerts" },
);
/** However many processes find a rule broken, it is opened once; and the active ones are found without the history. */
alertSchema.index({ ruleId: 1 }, { unique: true, partialFilterExpression: { open: true } });
alertSchema.index({ ruleId: 1, _id: -1 });
alertSchema.index({ open: 1 }, { partialFilterExpression: { open: true } });
alertSchema.index({ closedAt: 1 }, { expireAfterSeconds: 90 * DAY_SECONDS });

const mailSchema = new Schema<AlertMailRecord>(
  {
    _id: text,
    alertId: text,
    event: text,
    to: text,
    subject: text,
    text,
    dueAt: moment,
    attempts: count,
    sentAt: maybeMoment,
    createdAt: moment,
  },
  { ...options, collection: "alert_mails" },
);
mailSchema.index({ alertId: 1 });
mailSchema.index({ sentAt: 1, dueAt: 1 });
mailSchema.index({ createdAt: 1 }, { expireAfterSeconds: 7 * DAY_SECONDS });

const startSchema = new Schema<StartRecord>({ _id: text, at: moment }, { ...options, collection: "alert_start" });

/** The room's collections on one connection. */
export interface AlertCollections {
  rules: Model<RuleRecord>;
  alerts: Model<AlertRecord>;
  mails: Model<AlertMailRecord>;
  starts: Model<StartRecord>;
}

/** Binds the collections to a connection; binding again gives the same ones. */
export function bindAlerts(connection: Connection): AlertCollections {
  const { models } = connection;
  return {
    rules: models.AlertRule ?? connection.model<RuleRecord>("AlertRule", ruleSchema),
    alerts: models.Alert ?? connection.model<AlertRecord>("Alert", alertSchema),
    mails: models.AlertMail ?? connection.model<AlertMailRecord>("AlertMail", mailSchema),
    starts: models.AlertStart ?? connection.model<StartRecord>("AlertStart", startSchema),
  };
}
