import "server-only";
import { type Connection, type Model, Schema } from "mongoose";
import type { AliasName, Example, Histogram, Latency, ModelCard, VersionMetrics } from "@/lib/contracts/catalog";
import type { ModelSchema, ModelTask } from "@/lib/contracts/model-schema";

/** What an operator did. */
export type MoveAct = "publish" | "start_candidate" | "set_share" | "promote" | "stop_candidate" | "roll_back" | "unpublish";

/** One alias pointed somewhere else. `from` is null the first time, `to` when the alias is taken away. */
export interface AliasMove {
  alias: AliasName;
  from: number | null;
  to: number | null;
  /** Absent in moves from before there were acts: they published. */
  act?: MoveAct;
  /** Per cent of the customers, with the alias `candidate`. */
  share?: number;
  at: Date;
  /** An operator's id, or the name of a command. */
  by: string;
  why?: string;
}

export interface PausedRecord {
  /** What customers are told. */
  note: string;
  at: Date;
  by: string;
}

/** A model with its aliases. Pointer and history lie in one document, so that one write changes both or neither. */
export interface ModelRecord {
  slug: string;
  card: ModelCard;
  /** Grows by every change of the card; absent before the first. */
  cardRevision?: number;
  aliases: Partial<Record<AliasName, number>>;
  /** Per cent of the customers that the candidate answers; absent for a candidate that is only tried by its name. */
  share?: number;
  paused?: PausedRecord;
  /** Only ever appended to: their number is the revision that acts compare. */
  moves: AliasMove[];
  /** Of the version that is live or was it last, written together with the alias: what lists filter by. */
  task?: ModelTask;
  labels?: string[];
  createdAt: Date;
}

/** One immutable version. */
export interface VersionRecord {
  slug: string;
  version: number;
  /** SHA-256 over the uploaded file and its schema: the same upload twice is the same version. */
  fingerprint: string;
  /** Of the file as it is stored and run. */
  sha256: string;
  /** Of the file as it was uploaded. */
  uploadedSha256: string;
  bytes: number;
  /** Of the default operator domain; absent where nobody noted it. */
  opset?: number;
  algorithm: string;
  trainedOn: string;
  releaseNotes: string;
  metrics: VersionMetrics;
  latency: Latency;
  modelSchema: ModelSchema;
  examples: Example[];
  reference: Record<string, Histogram>;
  createdAt: Date;
  createdBy: string;
}

/** A stored file, written after all its chunks: without this record the file does not exist. */
export interface FileRecord {
  sha256: string;
  bytes: number;
  chunks: number;
  createdAt: Date;
}

export interface ChunkRecord {
  sha256: string;
  n: number;
  data: Buffer;
}

const options = { strict: "throw", versionKey: false, minimize: false } as const;
const text = { type: String, required: true };
const count = { type: Number, required: true };
const mixed = { type: Schema.Types.Mixed, required: true };
const moment = { type: Date, required: true };

const numberOrNull = { type: Number, default: null };

const moveSchema = new Schema<AliasMove>(
  { alias: text, from: numberOrNull, to: numberOrNull, act: String, share: Number, at: moment, by: text, why: String },
  { ...options, _id: false },
);

const pausedSchema = new Schema<PausedRecord>({ note: text, at: moment, by: text }, { ...options, _id: false });

const modelRecordSchema = new Schema<ModelRecord>(
  {
    slug: text,
    card: mixed,
    cardRevision: Number,
    aliases: { live: Number, candidate: Number },
    share: Number,
    paused: { type: pausedSchema, default: undefined },
    moves: [moveSchema],
    task: String,
    labels: { type: [String], default: undefined },
    createdAt: { ...moment, immutable: true },
  },
  { ...options, collection: "models" },
);
modelRecordSchema.index({ slug: 1 }, { unique: true });
modelRecordSchema.index({ task: 1, slug: 1 });

const versionRecordSchema = new Schema<VersionRecord>(
  {
    slug: text,
    version: count,
    fingerprint: text,
    sha256: text,
    uploadedSha256: text,
    bytes: count,
    opset: Number,
    algorithm: text,
    trainedOn: { type: String, default: "" },
    releaseNotes: { type: String, default: "" },
    metrics: mixed,
    latency: mixed,
    modelSchema: mixed,
    examples: [Schema.Types.Mixed],
    reference: mixed,
    createdAt: moment,
    createdBy: text,
  },
  { ...options, collection: "model_versions" },
);
versionRecordSchema.index({ slug: 1, version: 1 }, { unique: true });
versionRecordSchema.index({ slug: 1, fingerprint: 1 }, { unique: true });

const fileSchema = new Schema<FileRecord>(
  { sha256: text, bytes: count, chunks: count, createdAt: moment },
  { ...options, collection: "model_files" },
);
fileSchema.index({ sha256: 1 }, { unique: true });

const chunkSchema = new Schema<ChunkRecord>(
  { sha256: text, n: count, data: { type: Buffer, required: true } },
  { ...options, collection: "model_file_chunks" },
);
chunkSchema.index({ sha256: 1, n: 1 }, { unique: true });

/** The catalog's collections on one connection. */
export interface CatalogCollections {
  models: Model<ModelRecord>;
  versions: Model<VersionRecord>;
  files: Model<FileRecord>;
  chunks: Model<ChunkRecord>;
}

/** Binds the collections to a connection; binding again gives the same ones. */
export function bindCatalog(connection: Connection): CatalogCollections {
  return {
    models: connection.models.Model ?? connection.model<ModelRecord>("Model", modelRecordSchema),
    versions: connection.models.ModelVersion ?? connection.model<VersionRecord>("ModelVersion", versionRecordSchema),
    files: connection.models.ModelFile ?? connection.model<FileRecord>("ModelFile", fileSchema),
    chunks: connection.models.ModelFileChunk ?? connection.model<ChunkRecord>("ModelFileChunk", chunkSchema),
  };
}
