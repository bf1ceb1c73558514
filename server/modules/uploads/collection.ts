import "server-only";
import { type Connection, type Model, Schema } from "mongoose";
import type { Histogram, ModelCard, VersionMetrics } from "@/lib/contracts/catalog";
import type { ModelSchema } from "@/lib/contracts/model-schema";

/** A file that comes in parts. */
export interface UploadRecord {
  _id: string;
  filename: string;
  bytes: number;
  chunkBytes: number;
  /** The numbers of the parts that are stored. A part is written before its number. */
  received: number[];
  /** Once it is set no part can be written any more: what was inspected is what is published. */
  sealedAt: Date | null;
  /** When a draft was made of it; absent before. */
  draftedAt?: Date;
  /** The operator's id. */
  by: string;
  createdAt: Date;
  expiresAt: Date;
}

export interface UploadChunkRecord {
  uploadId: string;
  n: number;
  data: Buffer;
  expiresAt: Date;
}

/** A version in the making. */
export interface DraftRecord {
  _id: string;
  uploadId: string;
  filename: string;
  bytes: number;
  sha256: string;
  basedOn: number | null;
  slug: string;
  card: ModelCard;
  modelSchema: ModelSchema;
  metrics: VersionMetrics;
  algorithm: string;
  /** A date, `2026-01-31`; empty where nobody said. */
  trainedOn: string;
  releaseNotes: string;
  reference: Record<string, Histogram>;
  /** JSON text, like the two below: their names come from a file or a row, and any text may be a name there. */
  inspection: string;
  examples: string;
  tried: string | null;
  publishedAs: { slug: string; version: number } | null;
  /** Until then it is being published and stays as it is; a process that died at it holds nobody up for longer. */
  publishingUntil: Date | null;
  by: string;
  createdAt: Date;
  updatedAt: Date;
  /** Grows with every change of what an operator writes. */
  revision: number;
  expiresAt: Date;
}

const options = { strict: "throw", versionKey: false, minimize: false } as const;
const text = { type: String, required: true };
const fixedText = { ...text, immutable: true };
const count = { type: Number, required: true };
const mixed = { type: Schema.Types.Mixed, required: true };
const moment = { type: Date, required: true };

const uploadSchema = new Schema<UploadRecord>(
  {
    _id: text,
    filename: fixedText,
    bytes: count,
    chunkBytes: count,
    received: { type: [Number], required: true },
    sealedAt: { type: Date, default: null },
    draftedAt: Date,
    by: fixedText,
    createdAt: moment,
    expiresAt: moment,
  },
  { ...options, collection: "uploads" },
);
uploadSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const uploadChunkSchema = new Schema<UploadChunkRecord>(
  { uploadId: text, n: count, data: { type: Buffer, required: true }, expiresAt: moment },
  { ...options, collection: "upload_chunks" },
);
uploadChunkSchema.index({ uploadId: 1, n: 1 }, { unique: true });
uploadChunkSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const draftSchema = new Schema<DraftRecord>(
  {
    _id: text,
    uploadId: fixedText,
    filename: fixedText,
    bytes: count,
    sha256: fixedText,
    basedOn: { type: Number, default: null },
    slug: text,
    card: mixed,
    modelSchema: mixed,
    metrics: mixed,
    algorithm: text,
    trainedOn: { type: String, default: "" },
    releaseNotes: { type: String, default: "" },
    reference: mixed,
    inspection: fixedText,
    examples: text,
    tried: { type: String, default: null },
    publishedAs: { type: Schema.Types.Mixed, default: null },
    publishingUntil: { type: Date, default: null },
    by: fixedText,
    createdAt: moment,
    updatedAt: moment,
    revision: count,
    expiresAt: moment,
  },
  { ...options, collection: "drafts" },
);
draftSchema.index({ uploadId: 1 }, { unique: true });
draftSchema.index({ updatedAt: -1 });
draftSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/** The room's collections on one connection. */
export interface UploadCollections {
  uploads: Model<UploadRecord>;
  chunks: Model<UploadChunkRecord>;
  drafts: Model<DraftRecord>;
}

/** Binds the collections to a connection; binding again gives the same ones. */
export function bindUploads(connection: Connection): UploadCollections {
  return {
    uploads: connection.models.Upload ?? connection.model<UploadRecord>("Upload", uploadSchema),
    chunks: connection.models.UploadChunk ?? connection.model<UploadChunkRecord>("UploadChunk", uploadChunkSchema),
    drafts: connection.models.Draft ?? connection.model<DraftRecord>("Draft", draftSchema),
  };
}
