import "server-only";
import { type Connection, type Model, Schema } from "mongoose";
import type { Prediction } from "@/lib/contracts/predict";

/** One prediction of a customer. */
export interface PredictionRecord {
  /** The prediction's own id, which begins with the time it was made: sorting by it is sorting by time. */
  _id: string;
  customerId: string;
  model: string;
  version: number;
  arm: Prediction["arm"];
  status: Prediction["status"];
  /**
   * Input, output, warnings and metrics as the JSON text that was answered. What is only ever handed out again whole needs no
   * fields of its own; as text it comes back exactly (names with dots or dollars, the order of members, every digit), and an image
   * of 784 numbers takes 2 kB where an array takes 9.
   */
  content: string;
  createdAt: Date;
  completedAt: Date;
  requestId: string;
  /** null: a signed-in page. */
  keyId: string | null;
  /** When the plan's retention ends. */
  expiresAt: Date;
}

const text = { type: String, required: true };
const moment = { type: Date, required: true };

const predictionSchema = new Schema<PredictionRecord>(
  {
    _id: text,
    customerId: text,
    model: text,
    version: { type: Number, required: true },
    arm: text,
    status: text,
    content: text,
    createdAt: moment,
    completedAt: moment,
    requestId: text,
    keyId: { type: String, default: null },
    expiresAt: moment,
  },
  { strict: "throw", versionKey: false, minimize: false, collection: "predictions" },
);
predictionSchema.index({ customerId: 1, _id: -1 });
predictionSchema.index({ customerId: 1, model: 1, _id: -1 });
predictionSchema.index({ customerId: 1, requestId: 1, _id: -1 });
predictionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/** Binds the collection to a connection; binding again gives the same one. */
export function bindPredictions(connection: Connection): Model<PredictionRecord> {
  return connection.models.Prediction ?? connection.model<PredictionRecord>("Prediction", predictionSchema);
}
