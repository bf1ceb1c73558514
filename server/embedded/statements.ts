import type { Call } from "./commands/call";
import { getField, type Document } from "./bson";
import type { WriteContext } from "./engine";
import { MongoServerFault } from "./errors";
import { LockWait } from "./locks";

/** Documents found before the write began, and how many of them are done. */
export interface Located {
  records: number[];
  position: number;
}

/** "again": the statement is not finished; "stop": the command ends here (an ordered batch met an error). */
export type StatementResult = "next" | "again" | "stop";

/** What a batch has done so far. It is stored with the writes, so it holds nothing but BSON values. */
export type BatchState = Document & { errors: Document[] };

export interface Batch<S extends BatchState> {
  count: number;
  initial: S;
  /** Finds a slow statement's documents without holding up others; undefined when it is quick to find them. */
  locate(statement: number): Promise<Located | undefined>;
  run(context: WriteContext, statement: number, state: S, located: Located | undefined): StatementResult;
}

/** How long one store transaction may keep the process busy. */
const UNIT_MS = 8;
/** So many errors of a batch are told in full. The others have their code only, or the reply would get too large. */
const FULL_ERRORS = 1000;

/**
 * Runs the statements of a write command, several in one store transaction, but never for longer than a few
 * milliseconds. With every transaction the progress is stored too (see RetrySlot): a repeated command goes on where
 * the first attempt ended, or just answers.
 */
export async function runBatch<S extends BatchState>(call: Call, batch: Batch<S>): Promise<S> {
  const known = call.retry?.load();
  let state = known ? (known.state as S) : batch.initial;
  if (known?.isDone) return state;
  let next = known?.nextStatement ?? 0;
  while (next < batch.count) {
    const located = await batch.locate(next);
    const outcome = await runUnitOfBatch(call, batch, next, state, located);
    state = outcome.state;
    next = outcome.next;
    call.deadline.renew();
    await call.deadline.breathe();
  }
  return state;
}

async function runUnitOfBatch<S extends BatchState>(
  call: Call,
  batch: Batch<S>,
  first: number,
  before: S,
  located: Located | undefined,
): Promise<{ state: S; next: number }> {
  let reached = { state: before, located };
  const work = (context: WriteContext) => {
    const state = copyState(reached.state);
    const own = reached.located && { ...reached.located };
    const result = runSlice(batch, context, first, state, own);
    call.retry?.save(context.view, { nextStatement: result.next, isDone: result.next >= batch.count, state });
    return { state, next: result.next, own };
  };
  for (;;) {
    const outcome = call.transaction
      ? runInTransaction(call, work)
      : await call.server.engine.runUnitPatiently(work, call.deadline);
    if (!outcome.own || outcome.next !== first) return outcome;
    // Only part of the located documents fitted into this unit: go on with the rest.
    reached = { state: outcome.state, located: outcome.own };
    call.deadline.renew();
    await call.deadline.breathe();
  }
}

function runSlice<S extends BatchState>(
  batch: Batch<S>,
  context: WriteContext,
  first: number,
  state: S,
  located: Located | undefined,
): { next: number } {
  const end = performance.now() + UNIT_MS;
  let next = first;
  while (next < batch.count) {
    const result = batch.run(context, next, state, located);
    if (result === "stop") return { next: batch.count };
    if (result === "again") return { next };
    next += 1;
    if (located || performance.now() > end) break;
  }
  return { next };
}

/** A statement's error ends the whole transaction, also when the command reports it as a write error. */
function runInTransaction<T extends { state: BatchState }>(call: Call, work: (context: WriteContext) => T): T {
  const { transaction } = call;
  if (!transaction) throw new Error("runInTransaction needs a transaction");
  const outcome = work(transaction);
  if (outcome.state.errors.length > 0) transaction.abort();
  return outcome;
}

function copyState<S extends BatchState>(state: S): S {
  const copy: Document = {};
  for (const [name, value] of Object.entries(state)) copy[name] = Array.isArray(value) ? value.slice() : value;
  return copy as S;
}

/**
 * Runs one statement and turns MongoDB errors into a write error of the batch.
 * @throws whatever must undo the whole unit: waiting for a lock, write conflicts, faults of this server
 */
export function catchWriteError(
  state: BatchState,
  statement: number,
  isOrdered: boolean,
  context: WriteContext,
  work: () => StatementResult,
): StatementResult {
  try {
    return work();
  } catch (error) {
    if (error instanceof LockWait || !(error instanceof MongoServerFault) || isOfWholeCommand(error)) throw error;
    const isBrief = state.errors.length >= FULL_ERRORS;
    state.errors.push(isBrief ? { index: statement, code: error.code, errmsg: "" } : describeWriteError(statement, error));
    return isOrdered || context.transaction ? "stop" : "next";
  }
}

/** A transaction that is too large, or that is to begin again: what the labels say is said of the command. */
function isOfWholeCommand({ code, extra = {} }: MongoServerFault): boolean {
  return code === 257 || getField(extra, "errorLabels") !== undefined;
}

function describeWriteError(statement: number, error: MongoServerFault): Document {
  const extra = error.extra ?? {};
  const out: Document = { index: statement, code: error.code, errmsg: error.message };
  for (const field of ["keyPattern", "keyValue", "errInfo"]) {
    const value = getField(extra, field);
    if (value !== undefined) out[field] = value;
  }
  return out;
}
