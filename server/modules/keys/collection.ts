import "server-only";
import { type Connection, type Model, Schema } from "mongoose";

/** A key, without its secret. */
export interface KeyRecord {
  _id: string;
  customerId: string;
  name: string;
  /** SHA-256 of the whole key. */
  hash: string;
  /** The first and last four characters of the secret part. */
  hint: string;
  /** null: every model. */
  models: string[] | null;
  /**
   * Which of the account's places the key holds. A place has one key, which is what keeps to the limit when many are made at once.
   * Absent once the key was revoked, or expired and its place was needed.
   */
  slot?: number;
  expiresAt: Date | null;
  disabledAt: Date | null;
  revokedAt: Date | null;
  /** The key that took its place. */
  rotatedTo: string | null;
  createdAt: Date;
  lastUsedAt: Date | null;
}

const text = { type: String, required: true };
const moment = { type: Date, default: null };

const keySchema = new Schema<KeyRecord>(
  {
    _id: text,
    customerId: { ...text, immutable: true },
    name: text,
    hash: { ...text, immutable: true },
    hint: { ...text, immutable: true },
    models: { type: [String], default: null },
    slot: Number,
    expiresAt: moment,
    disabledAt: moment,
    revokedAt: moment,
    rotatedTo: { type: String, default: null },
    createdAt: { type: Date, required: true, immutable: true },
    lastUsedAt: moment,
  },
  { strict: "throw", versionKey: false, minimize: false, collection: "api_keys" },
);
keySchema.index({ hash: 1 }, { unique: true });
keySchema.index({ customerId: 1, slot: 1 }, { unique: true, partialFilterExpression: { slot: { $exists: true } } });
keySchema.index({ customerId: 1, _id: -1 });
/** For the console, which finds a key by what its owner sees of it. */
keySchema.index({ hint: 1 });

/** Binds the collection to a connection; binding again gives the same one. */
export function bindKeys(connection: Connection): Model<KeyRecord> {
  return connection.models.ApiKey ?? connection.model<KeyRecord>("ApiKey", keySchema);
}
