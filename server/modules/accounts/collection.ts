import "server-only";
import { type Connection, type Model, Schema } from "mongoose";
import { type PlanLimits, type PlanName, planNames } from "@/lib/plans";

export type IdentityProvider = "github" | "google";

/** Who else vouches for a customer: a provider and its own id for the person. */
export interface Identity {
  provider: IdentityProvider;
  subject: string;
}

/** A customer whose address was confirmed; there are no others. */
export interface AccountRecord {
  /** `cus_…` */
  _id: string;
  /** As it was typed. */
  email: string;
  /** What two accounts cannot share, see email-key.ts. */
  emailKey: string;
  name: string;
  /** What the name is found by, see account-search.ts; kept by the repository. */
  nameParts?: string[];
  passwordHash: string | null;
  identities: Identity[];
  plan: PlanName;
  /** What was agreed for this customer alone. */
  limits?: Partial<PlanLimits>;
  /** Sessions with another number are over. */
  sessionVersion: number;
  suspendedAt: Date | null;
  /** Set when the deletion began; it is finished even if this process dies. */
  deletingAt: Date | null;
  createdAt: Date;
  lastSignInAt: Date | null;
}

/** A mailed link; one of purpose `told` stands for a mail without a link that does anything. */
export interface LinkRecord {
  /** SHA-256 of what stands in the mail. */
  _id: string;
  purpose: "sign_up" | "reset" | "told";
  email: string;
  emailKey: string;
  customerId?: string;
  /** Of this very sign-up: a link confirms the password of whoever asked for it, and asks for it again. */
  signUp?: { name: string; passwordHash: string };
  /** Wrong passwords so far. */
  tries: number;
  /** Who asked for the mail, as a hash. */
  askedBy: string;
  createdAt: Date;
  expiresAt: Date;
}

/** The wrong passwords of one account from one network address. */
export interface AttemptRecord {
  _id: string;
  /** The account's part of the id, so that a new password can clear all addresses. */
  account: string;
  count: number;
  expiresAt: Date;
}

/** A session that its owner ended before its time. */
export interface EndedSessionRecord {
  /** The session's own id. */
  _id: string;
  /** When it would have ended by itself. */
  expiresAt: Date;
}

/** Somebody signed in to an account, or tried to: who has it can see what happened to it. */
export interface SignInRecord {
  /** `sgn_…`, sorts by time. */
  _id: string;
  customerId: string;
  at: Date;
  how: "password" | IdentityProvider;
  outcome: "done" | "wrong_password" | "suspended";
  /** A salted name of the network it came from: tells networks apart without naming them. */
  network: string;
  /** The session that began; null where none did. */
  sessionId: string | null;
  /** The account's at that time: raising it ends the session. */
  sessionVersion: number;
  expiresAt: Date;
}

/** What an operator wrote down about a customer, for the team. */
export interface NoteRecord {
  /** `nte_…`, sorts by time. */
  _id: string;
  customerId: string;
  text: string;
  /** Name of the operator who wrote it. */
  author: string;
  at: Date;
}

const options = { strict: "throw", versionKey: false, minimize: false } as const;
const text = { type: String, required: true };
const count = { type: Number, required: true };
const moment = { type: Date, required: true };
const noMoment = { type: Date, default: null };

const identitySchema = new Schema<Identity>({ provider: { ...text, enum: ["github", "google"] }, subject: text }, { ...options, _id: false });
const agreedSchema = new Schema<Partial<PlanLimits>>(
  { rowsPerMinute: Number, rowsPerMonth: Number, rowsPerCall: Number, retentionDays: Number },
  { ...options, _id: false },
);

const accountSchema = new Schema<AccountRecord>(
  {
    _id: text,
    email: text,
    emailKey: text,
    name: text,
    nameParts: { type: [String], default: undefined },
    passwordHash: { type: String, default: null },
    identities: { type: [identitySchema], default: [] },
    plan: { ...text, enum: planNames },
    limits: { type: agreedSchema, default: undefined },
    sessionVersion: count,
    suspendedAt: noMoment,
    deletingAt: noMoment,
    createdAt: { ...moment, immutable: true },
    lastSignInAt: noMoment,
  },
  { ...options, collection: "accounts" },
);
accountSchema.index({ emailKey: 1 }, { unique: true });
accountSchema.index(
  { "identities.provider": 1, "identities.subject": 1 },
  { unique: true, partialFilterExpression: { "identities.subject": { $exists: true } } },
);
accountSchema.index({ deletingAt: 1 }, { partialFilterExpression: { deletingAt: { $type: "date" } } });

/** For the console, which looks for accounts across all of them. */
accountSchema.index({ nameParts: 1 });
accountSchema.index({ plan: 1, _id: -1 });
accountSchema.index({ suspendedAt: 1 }, { partialFilterExpression: { suspendedAt: { $type: "date" } } });
accountSchema.index({ "limits.rowsPerMonth": 1 }, { partialFilterExpression: { "limits.rowsPerMonth": { $exists: true } } });

const linkSchema = new Schema<LinkRecord>(
  {
    _id: text,
    purpose: { ...text, enum: ["sign_up", "reset", "told"] },
    email: text,
    emailKey: text,
    customerId: String,
    signUp: { type: new Schema({ name: text, passwordHash: text }, { ...options, _id: false }), default: undefined },
    tries: { type: Number, default: 0 },
    askedBy: text,
    createdAt: moment,
    expiresAt: moment,
  },
  { ...options, collection: "account_links" },
);
linkSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
linkSchema.index({ emailKey: 1, purpose: 1, createdAt: 1 });

const attemptSchema = new Schema<AttemptRecord>(
  { _id: text, account: text, count, expiresAt: moment },
  { ...options, collection: "sign_in_attempts" },
);
attemptSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
attemptSchema.index({ account: 1 });

const endedSessionSchema = new Schema<EndedSessionRecord>({ _id: text, expiresAt: moment }, { ...options, collection: "ended_sessions" });
endedSessionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const signInSchema = new Schema<SignInRecord>(
  {
    _id: text,
    customerId: text,
    at: moment,
    how: { ...text, enum: ["password", "github", "google"] },
    outcome: { ...text, enum: ["done", "wrong_password", "suspended"] },
    network: text,
    sessionId: { type: String, default: null },
    sessionVersion: count,
    expiresAt: moment,
  },
  { ...options, collection: "sign_ins" },
);
signInSchema.index({ customerId: 1, _id: -1 });
signInSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const noteSchema = new Schema<NoteRecord>(
  { _id: text, customerId: text, text, author: text, at: moment },
  { ...options, collection: "account_notes" },
);
noteSchema.index({ customerId: 1, _id: -1 });

/** The accounts' collections on one connection. */
export interface AccountCollections {
  accounts: Model<AccountRecord>;
  links: Model<LinkRecord>;
  attempts: Model<AttemptRecord>;
  endedSessions: Model<EndedSessionRecord>;
  signIns: Model<SignInRecord>;
  notes: Model<NoteRecord>;
}

/** Binds the collections to a connection; binding again gives the same ones. */
export function bindAccounts(connection: Connection): AccountCollections {
  return {
    accounts: connection.models.Account ?? connection.model<AccountRecord>("Account", accountSchema),
    links: connection.models.AccountLink ?? connection.model<LinkRecord>("AccountLink", linkSchema),
    attempts: connection.models.SignInAttempt ?? connection.model<AttemptRecord>("SignInAttempt", attemptSchema),
    endedSessions: connection.models.EndedSession ?? connection.model<EndedSessionRecord>("EndedSession", endedSessionSchema),
    signIns: connection.models.SignIn ?? connection.model<SignInRecord>("SignIn", signInSchema),
    notes: connection.models.AccountNote ?? connection.model<NoteRecord>("AccountNote", noteSchema),
  };
}
