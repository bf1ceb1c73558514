import "server-only";
import { type Connection, type Model, Schema } from "mongoose";
import type { Role } from "@/lib/contracts/operators.admin";

/** What an authenticator shares with us. */
export interface TwoFactor {
  /** Sealed with the console's secret. */
  sealed: string;
  /** The time step of the last code that was taken: no code works twice (RFC 6238 section 5.2). */
  lastStep: number;
  /** SHA-256 of the recovery codes that are left. */
  recovery: string[];
}

export interface OperatorRecord {
  /** `opr_…` */
  _id: string;
  email: string;
  /** What two operators cannot share. */
  emailKey: string;
  name: string;
  role: Role;
  passwordHash: string;
  /** Was told by somebody else: opens nothing but the page that changes it. */
  mustChangePassword: boolean;
  /** When a password ends that somebody else told; null for one's own. Absent where it was told before that was kept. */
  passwordExpiresAt?: Date | null;
  twoFactor: TwoFactor | null;
  /** An authenticator that has not proved itself yet, sealed. */
  pendingSecret: string | null;
  disabledAt: Date | null;
  createdAt: Date;
  lastSignInAt: Date | null;
  /** Raised whenever owners are counted, so that two who end each other's ownership at once run into each other. */
  revision: number;
}

export interface OperatorSessionRecord {
  /** SHA-256 of the session's id, so that a copy of the database opens nothing. */
  _id: string;
  operatorId: string;
  createdAt: Date;
  lastSeenAt: Date;
  /** When the password was typed again; dangerous acts ask for it. */
  confirmedAt: Date | null;
  expiresAt: Date;
}

/** Wrong passwords and codes: of one operator from one network address, or of one operator from everywhere. */
export interface OperatorAttemptRecord {
  _id: string;
  count: number;
  expiresAt: Date;
}

const options = { strict: "throw", versionKey: false, minimize: false } as const;
const text = { type: String, required: true };
const moment = { type: Date, required: true };
const noMoment = { type: Date, default: null };

const twoFactorSchema = new Schema<TwoFactor>(
  { sealed: text, lastStep: { type: Number, required: true }, recovery: [String] },
  { ...options, _id: false },
);
const operatorSchema = new Schema<OperatorRecord>(
  {
    _id: text,
    email: text,
    emailKey: text,
    name: text,
    role: { ...text, enum: ["viewer", "operator", "owner"] },
    passwordHash: text,
    mustChangePassword: { type: Boolean, required: true },
    passwordExpiresAt: noMoment,
    twoFactor: { type: twoFactorSchema, default: null },
    pendingSecret: { type: String, default: null },
    disabledAt: noMoment,
    createdAt: { ...moment, immutable: true },
    lastSignInAt: noMoment,
    revision: { type: Number, default: 0 },
  },
  { ...options, collection: "operators" },
);
operatorSchema.index({ emailKey: 1 }, { unique: true });

const sessionSchema = new Schema<OperatorSessionRecord>(
  { _id: text, operatorId: text, createdAt: moment, lastSeenAt: moment, confirmedAt: noMoment, expiresAt: moment },
  { ...options, collection: "operator_sessions" },
);
sessionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
sessionSchema.index({ operatorId: 1 });

const attemptSchema = new Schema<OperatorAttemptRecord>(
  { _id: text, count: { type: Number, required: true }, expiresAt: moment },
  { ...options, collection: "operator_attempts" },
);
attemptSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/** The room's collections on one connection. */
export interface OperatorCollections {
  operators: Model<OperatorRecord>;
  sessions: Model<OperatorSessionRecord>;
  attempts: Model<OperatorAttemptRecord>;
}

/** Binds the collections to a connection; binding again gives the same ones. */
export function bindOperators(connection: Connection): OperatorCollections {
  return {
    operators: connection.models.Operator ?? connection.model<OperatorRecord>("Operator", operatorSchema),
    sessions: connection.models.OperatorSession ?? connection.model<OperatorSessionRecord>("OperatorSession", sessionSchema),
    attempts: connection.models.OperatorAttempt ?? connection.model<OperatorAttemptRecord>("OperatorAttempt", attemptSchema),
  };
}
