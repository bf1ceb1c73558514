import { getField, type Document } from "./bson";
import { MongoServerFault } from "./errors";

const TRANSIENT = "TransientTransactionError";
const RETRYABLE = "RetryableWriteError";
const TRANSIENT_CODES = new Set([24, 112, 246, 251, 267]);
const PRIMARY_GONE_CODES = new Set([91, 189, 10107, 11600, 11602, 13435, 13436]);
const NETWORK_CODES = new Set([6, 7, 89, 262, 317, 9001]);
const RETRYABLE_COMMANDS = new Set(["insert", "update", "delete", "findAndModify", "bulkWrite"]);
const ENDING_COMMANDS = new Set(["commitTransaction", "abortTransaction"]);

/** The reply for anything thrown while a command ran. */
export function buildErrorReply(error: unknown, commandName: string, command: Document): Document {
  const fault = error instanceof MongoServerFault ? error : describeFault(error);
  const { errorLabels, ...extra } = fault.extra ?? {};
  const labels = Array.isArray(errorLabels) ? errorLabels : chooseLabels(fault.code, commandName, command);
  return {
    ok: 0,
    errmsg: fault.message,
    code: fault.code,
    codeName: fault.codeName,
    ...extra,
    ...(labels.length > 0 ? { errorLabels: labels } : {}),
  };
}

function describeFault(error: unknown): MongoServerFault {
  const message = error instanceof Error ? error.message : String(error);
  if (/No space left|ENOSPC|MDB_MAP_FULL|disk quota/i.test(message)) {
    return new MongoServerFault(14031, "OutOfDiskSpace", `The disk with the data of the embedded database is full (${message})`);
  }
  // What LMDB makes of a write that the disk took only in part.
  if (/Input\/output error|\bEIO\b/.test(message)) {
    return new MongoServerFault(14031, "OutOfDiskSpace", `The embedded database could not write: its disk is full or failing (${message})`);
  }
  if (/\bMDB_(CORRUPTED|PAGE_NOTFOUND|BAD_TXN|PANIC|INVALID)\b/.test(message)) {
    const advice = "stop the server, restore data.mdb from a copy; `npm run data:check` says whether it is whole";
    return new MongoServerFault(8, "UnknownError", `The data file of the embedded database is damaged (${message}): ${advice}`);
  }
  return new MongoServerFault(8, "UnknownError", message);
}

/** Error labels are the server's job: they tell drivers what is worth trying again. */
function chooseLabels(code: number, commandName: string, command: Document): string[] {
  const labels: string[] = [];
  const isInTransaction = getField(command, "autocommit") === false;
  const isEnding = ENDING_COMMANDS.has(commandName);
  const isTransient = TRANSIENT_CODES.has(code) || (PRIMARY_GONE_CODES.has(code) && commandName !== "commitTransaction");
  if (isInTransaction && isTransient) labels.push(TRANSIENT);
  const isNumberedWrite = RETRYABLE_COMMANDS.has(commandName) && getField(command, "txnNumber") !== undefined && !isInTransaction;
  if ((isNumberedWrite || isEnding) && (PRIMARY_GONE_CODES.has(code) || NETWORK_CODES.has(code))) labels.push(RETRYABLE);
  return labels;
}

/** Labels for a command that worked but whose write concern is reported as failed. */
export function chooseWriteConcernLabels(code: number, commandName: string, command: Document): string[] {
  if (getField(command, "autocommit") === false && !ENDING_COMMANDS.has(commandName)) return [];
  return PRIMARY_GONE_CODES.has(code) || NETWORK_CODES.has(code) ? [RETRYABLE] : [];
}
