import { setTimeout as sleep } from "node:timers/promises";
import { Long } from "bson";
import { checkDepth, getField, type Document } from "./bson";
import type { Call, ConnectionInfo, ServerState } from "./commands/call";
import { findCommand } from "./commands/registry";
import { Deadline } from "./deadline";
import { buildErrorReply, chooseWriteConcernLabels } from "./error-reply";
import { fail, MongoServerFault, refuse } from "./errors";
import { failByRequest, type FailAction, type FailPoints } from "./fail-points";
import { CursorReply, type Reply } from "./reply";
import { RetrySlot } from "./retry";
import { failNoTransaction, type Session } from "./sessions";
import type { Transaction } from "./transactions";
import { isDocument, isNumber, toNumber } from "./values";

/** What became of a command: a reply, or a connection to be dropped without one (fail points only). */
export type Outcome = { reply: Reply } | { drop: true };

/** Runs commands: session, transaction, retry and error labels around the handlers in commands/. */
export class Dispatcher {
  constructor(
    private readonly server: ServerState,
    private readonly failPoints: FailPoints | null,
    private readonly reportFault: (name: string, error: unknown) => void,
  ) {}

  /** Never throws: whatever goes wrong becomes MongoDB's error reply. */
  async run(command: Document, connection: ConnectionInfo): Promise<Outcome> {
    const given = Object.keys(command)[0] ?? "";
    const entry = findCommand(given);
    const name = entry?.name ?? given;
    try {
      if (given === "configureFailPoint" && this.failPoints) {
        this.failPoints.configure(command);
        return { reply: { ok: 1 } };
      }
      const action = this.failPoints?.take(given, connection.appName) ?? null;
      if (action) await applyFailAction(action);
      if (action?.closeConnection) return { drop: true };
      if (!entry) return failUnknown(given);
      const reply = await this.runInSession(given, command, connection);
      if (!reply) return { drop: true };
      const writeConcernError = action?.writeConcernError ?? findUnsatisfiable(command);
      return { reply: writeConcernError ? addWriteConcernError(reply, writeConcernError, name, command, action) : reply };
    } catch (error) {
      if (!(error instanceof MongoServerFault)) this.reportFault(name, error);
      return { reply: buildErrorReply(error, name, command) };
    }
  }

  /** Null: a fail point wants the connection dropped. */
  private runInSession(given: string, command: Document, connection: ConnectionInfo): Promise<Reply | null> {
    const session = this.server.sessions.find(command);
    const isNumbered = session && getField(command, "txnNumber") !== undefined;
    if (!isNumbered) return this.runCommand(given, command, connection, session);
    return session.turns.run(() => this.runCommand(given, command, connection, session));
  }

  private async runCommand(
    given: string,
    command: Document,
    connection: ConnectionInfo,
    session: Session | null,
  ): Promise<Reply | null> {
    const entry = findCommand(given);
    if (!entry) return failUnknown(given);
    checkCommon(command);
    const transaction = this.server.sessions.resolveTransaction(session, command);
    const number = getField(command, "txnNumber");
    const isRetryable = entry.isRetryableWrite && !transaction && session !== null && number !== undefined;
    const call: Call = {
      name: given,
      command,
      database: String(command.$db ?? "admin"),
      server: this.server,
      connection,
      session,
      transaction,
      retry: isRetryable ? this.openRetrySlot(session, toNumber(number)) : null,
      deadline: new Deadline(given === "getMore" ? 0 : toNumber(getField(command, "maxTimeMS") ?? 0)),
    };
    const failure = this.failPoints && call.retry?.load() === null ? this.failPoints.takeWrite(entry.name) : null;
    if (failure?.when === "before") {
      if (failure.closeConnection) return null;
      failByRequest(failure.code ?? 8);
    }
    const reply = transaction ? await this.runInTransaction(call, transaction) : await entry.run(call);
    return failure?.closeConnection ? null : reply;
  }

  /** A session's numbered writes run one after another: each slot takes over what the last one knows, unless a transaction was later. */
  private openRetrySlot(session: Session, number: number): RetrySlot {
    const isBehind = session.transaction !== null && number <= session.transaction.number;
    session.lastWrite = new RetrySlot(this.server.engine, session.id, number, isBehind ? null : session.lastWrite);
    return session.lastWrite;
  }

  /** Any error but those of committing and aborting ends the transaction, as in MongoDB. */
  private async runInTransaction(call: Call, transaction: Transaction): Promise<Reply> {
    const entry = findCommand(call.name);
    if (!entry?.isAllowedInTransaction) {
      transaction.abort();
      return fail(263, "OperationNotSupportedInTransaction", `Cannot run '${call.name}' in a multi-document transaction.`);
    }
    const isEnding = entry.name === "commitTransaction" || entry.name === "abortTransaction";
    if (isEnding) return entry.run(call);
    if (transaction.state !== "open") {
      return failNoTransaction(`Transaction with { txnNumber: ${transaction.number} } has been ${transaction.state}.`);
    }
    try {
      return await entry.run(call);
    } catch (error) {
      transaction.abort();
      throw error;
    }
  }
}

function failUnknown(name: string): never {
  fail(59, "CommandNotFound", `no such command: '${name}' (embedded database; set MONGODB_URI to use a MongoDB server)`);
}

/** This is a set of one: a write that must reach more members works, and is reported like this. */
function findUnsatisfiable(command: Document): Document | undefined {
  const concern = getField(command, "writeConcern");
  if (!isDocument(concern) || !isNumber(concern.w) || toNumber(concern.w) <= 1) return undefined;
  return { code: 100, codeName: "UnsatisfiableWriteConcern", errmsg: "Not enough data-bearing nodes" };
}

/** @throws for common fields whose meaning this server cannot honour */
function checkCommon(command: Document): void {
  checkDepth(command, MAX_MESSAGE_DEPTH);
  const number = getField(command, "txnNumber");
  if (number !== undefined && !(number instanceof Long)) {
    fail(14, "TypeMismatch", "BSON field 'txnNumber' is the wrong type, expected type 'long'");
  }
  const maxTime = getField(command, "maxTimeMS");
  if (maxTime !== undefined && !(isNumber(maxTime) && toNumber(maxTime) >= 0)) {
    fail(2, "BadValue", "maxTimeMS must be a number >= 0");
  }
  checkReadConcern(command);
  if (getField(command, "apiStrict") !== true) return;
  const name = Object.keys(command)[0] ?? "";
  const first = Array.isArray(command.pipeline) ? command.pipeline[0] : undefined;
  if (name !== "distinct" && !(isDocument(first) && "$listLocalSessions" in first)) return;
  fail(323, "APIStrictError", `Provided apiStrict:true, but the command ${name} is not in API Version 1`);
}

const MAX_MESSAGE_DEPTH = 200;
const SNAPSHOT_READS = new Set(["find", "aggregate", "distinct"]);

/** Reading as of a moment is done in transactions only; the other levels are all met by a set of one. */
function checkReadConcern(command: Document): void {
  const concern = getField(command, "readConcern");
  if (!isDocument(concern) || getField(command, "autocommit") === false) return;
  if (concern.level !== "snapshot" && concern.atClusterTime === undefined) return;
  const name = Object.keys(command)[0] ?? "";
  if (SNAPSHOT_READS.has(name)) refuse("read concern 'snapshot' outside a transaction");
  fail(72, "InvalidOptions", `The command ${name} does not support read concern 'snapshot'`);
}

async function applyFailAction(action: FailAction): Promise<void> {
  if (action.blockMs > 0) await sleep(action.blockMs);
  if (!action.closeConnection && action.errorCode !== undefined) failByRequest(action.errorCode, action.errorLabels);
}

function addWriteConcernError(
  reply: Reply,
  writeConcernError: Document,
  commandName: string,
  command: Document,
  action: FailAction | null,
): Reply {
  const labels = action?.errorLabels ?? chooseWriteConcernLabels(toNumber(writeConcernError.code), commandName, command);
  const more: Document = { writeConcernError, ...(labels.length > 0 ? { errorLabels: labels } : {}) };
  if (!(reply instanceof CursorReply)) return { ...reply, ...more };
  return new CursorReply(reply.namespace, reply.cursorId, reply.batchName, reply.batch, { ...reply.fields, ...more });
}

