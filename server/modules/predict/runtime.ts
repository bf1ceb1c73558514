import "server-only";
import type * as Onnx from "onnxruntime-node";
import { silenceInferenceEngine } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import type { OutputData } from "@/server/modules/predict/answers";
import type { TensorData } from "@/server/modules/predict/tensors";

/** Sessions a process keeps; the one used longest ago goes first. A small model's session takes under 1 MB. */
const MAX_SESSIONS = 32;

/** Only what ends the process is written to standard error: what a failed run says holds values of the row. */
const SILENT = 4;

interface Session {
  loading: Promise<OpenModel>;
  /** Once it is loaded. */
  model: OpenModel | null;
}

/** Next evaluates modules more than once; the sessions of a process stay the same ones. */
const holder: typeof globalThis & {
  vitrineSessions?: Map<string, Session>;
  vitrineSessionsSince?: number;
  vitrineLoading?: number;
} = globalThis;

function sessions(): Map<string, Session> {
  return (holder.vitrineSessions ??= new Map());
}

/**
 * Lets go of every session once for each moment at which the team asked for that; runs that are under way end with the session they began
 * with.
 * @param asked when that was last; null: never
 */
export function reopenModels(asked: Date | null): void {
  const since = asked?.getTime() ?? 0;
  if (since === (holder.vitrineSessionsSince ??= since)) return;
  holder.vitrineSessionsSince = since;
  sessions().clear();
}

/** The runtime's own texts name paths and internals: they go to the log as a cause, never to a caller. */
function unavailable(cause: unknown): DomainError {
  return new DomainError("model_unavailable", "The model cannot answer at the moment.", { cause });
}

type Library = typeof Onnx;

let library: Promise<Library> | undefined;

/** The library is loaded when the first model is opened: what tells it to keep quiet has to be there before. */
export function loadLibrary(): Promise<Library> {
  if (!library) silenceInferenceEngine();
  return (library ??= import("onnxruntime-node"));
}

async function createSession(load: () => Promise<Uint8Array>): Promise<Onnx.InferenceSession> {
  const [bytes, { InferenceSession }] = await Promise.all([load(), loadLibrary()]);
  try {
    return await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: SILENT });
  } catch (error) {
    throw unavailable(error);
  }
}

async function countWhile<Value>(work: Promise<Value>): Promise<Value> {
  holder.vitrineLoading = countLoading() + 1;
  try {
    return await work;
  } finally {
    holder.vitrineLoading = countLoading() - 1;
  }
}

/** How many models this process is loading at this moment. */
export function countLoading(): number {
  return holder.vitrineLoading ?? 0;
}

/** By tensor name. */
export type Feeds = Record<string, TensorData>;

export interface Ran {
  /** By tensor name, as the runtime gives them. */
  outputs: ReadonlyMap<string, OutputData>;
  /** Inside the model. */
  seconds: number;
}

/** A loaded model; the data that it is run with comes from `tensors.ts`. */
export interface OpenModel {
  inputs: { name: string; dtype: string | null }[];
  outputs: { name: string; dtype: string | null }[];
  /**
   * One run over a batch.
   * @param fetches the outputs to compute
   * @throws {DomainError} `model_unavailable`
   */
  run: (feeds: Feeds, fetches: string[]) => Promise<Ran>;
}

function toTensor({ Tensor }: Library, { dtype, data, dims }: TensorData): Onnx.Tensor {
  return dtype === "bool" && data instanceof Uint8Array ? new Tensor("bool", data, dims) : new Tensor(dtype, data, dims);
}

async function runSession(session: Onnx.InferenceSession, ...[feeds, fetches]: Parameters<OpenModel["run"]>): Promise<Ran> {
  try {
    const loaded = await loadLibrary();
    const tensors: Record<string, Onnx.Tensor> = {};
    for (const [name, feed] of Object.entries(feeds)) tensors[name] = toTensor(loaded, feed);
    let start = performance.now();
    // The runtime begins at the end of this turn of the event loop: what else is done until then is not its time.
    setImmediate(() => {
      start = performance.now();
    });
    const results = await session.run(tensors, fetches);
    return { outputs: new Map(Object.entries(results)), seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    throw unavailable(error);
  }
}

const describe = (metadata: readonly Onnx.InferenceSession.ValueMetadata[]) =>
  metadata.map((value) => ({ name: value.name, dtype: value.isTensor ? value.type : null }));

async function createModel(load: () => Promise<Uint8Array>): Promise<OpenModel> {
  const session = await createSession(load);
  return {
    inputs: describe(session.inputMetadata),
    outputs: describe(session.outputMetadata),
    run: (feeds, fetches) => runSession(session, feeds, fetches),
  };
}

/** The one used last goes last. */
function useSession(sha256: string): Session | undefined {
  const known = sessions().get(sha256);
  if (!known) return undefined;
  sessions().delete(sha256);
  sessions().set(sha256, known);
  return known;
}

/** {@link openModel} without waiting; null for one that has to be loaded. */
export function findModel(sha256: string): OpenModel | null {
  return useSession(sha256)?.model ?? null;
}

/**
 * The session of a model file, the same object as long as it is kept. Calls at the same time share one load; a failed load is tried again by
 * the next call.
 * @param sha256 of the file that `load` gives
 * @throws {DomainError} `model_unavailable`, or what `load` throws
 */
export function openModel(sha256: string, load: () => Promise<Uint8Array>): Promise<OpenModel> {
  const known = useSession(sha256);
  if (known) return known.loading;
  const kept = sessions();
  const session: Session = { loading: countWhile(createModel(load)), model: null };
  kept.set(sha256, session);
  const [oldest] = kept.size > MAX_SESSIONS ? kept.keys() : [];
  if (oldest !== undefined) kept.delete(oldest);
  session.loading.then(
    (model) => (session.model = model),
    () => kept.get(sha256) === session && kept.delete(sha256),
  );
  return session.loading;
}
