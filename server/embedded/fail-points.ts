import { getField, type Document } from "./bson";
import { fail, failBadValue } from "./errors";
import { isDocument, isNumber, toNumber } from "./values";

/** What a fail point does to the command it catches. */
export interface FailAction {
  blockMs: number;
  closeConnection: boolean;
  errorCode?: number;
  errorLabels?: unknown[];
  writeConcernError?: Document;
}

interface FailPoint {
  commands: Set<string> | null;
  appName: string | null;
  remaining: number;
  skip: number;
  action: FailAction;
}

const KNOWN = ["failCommand", "onPrimaryTransactionalWrite", "failGetMoreAfterCursorCheckout"];
const RETRYABLE_WRITES = ["insert", "update", "delete", "findAndModify", "bulkWrite"];

/**
 * MongoDB's switch for provoking failures, for tests of drivers and of this server. There is none unless the server
 * was started with `--test-commands`.
 */
export class FailPoints {
  private readonly points = new Map<string, FailPoint>();

  /** configureFailPoint: `{ configureFailPoint: name, mode: "off" | "alwaysOn" | { times, skip }, data }` */
  configure(command: Document): void {
    const name = String(command.configureFailPoint);
    if (!KNOWN.includes(name)) failBadValue(`unknown fail point: ${name}`);
    const { mode } = command;
    if (mode === "off") {
      this.points.delete(name);
      return;
    }
    const data = isDocument(command.data) ? command.data : {};
    const limits = isDocument(mode) ? mode : {};
    this.points.set(name, {
      commands: name === "failGetMoreAfterCursorCheckout" ? new Set(["getMore"]) : readCommands(data),
      appName: typeof data.appName === "string" ? data.appName : null,
      remaining: isNumber(limits.times) ? toNumber(limits.times) : Number.POSITIVE_INFINITY,
      skip: isNumber(limits.skip) ? toNumber(limits.skip) : 0,
      action: readAction(data),
    });
  }

  /** The failure the next command of this name is to have, if any. */
  take(commandName: string, appName: string | null): FailAction | null {
    for (const name of ["failCommand", "failGetMoreAfterCursorCheckout"]) {
      const point = this.points.get(name);
      if (!point?.commands?.has(commandName)) continue;
      if (point.appName !== null && point.appName !== appName) continue;
      if (useUp(point)) return point.action;
    }
    return null;
  }

  /**
   * The failure of a retryable write at its commit: "before" fails it unwritten, "after" writes and then drops the
   * connection, so that the client cannot know.
   */
  takeWrite(commandName: string): { when: "before" | "after"; code?: number; closeConnection: boolean } | null {
    const point = RETRYABLE_WRITES.includes(commandName) ? this.points.get("onPrimaryTransactionalWrite") : undefined;
    if (!point || !useUp(point)) return null;
    const { errorCode, closeConnection } = point.action;
    return { when: errorCode === undefined ? "after" : "before", code: errorCode, closeConnection };
  }
}

function useUp(point: FailPoint): boolean {
  if (point.skip > 0) {
    point.skip -= 1;
    return false;
  }
  if (point.remaining <= 0) return false;
  point.remaining -= 1;
  return true;
}

function readCommands(data: Document): Set<string> {
  return new Set(Array.isArray(data.failCommands) ? data.failCommands.map(String) : []);
}

function readAction(data: Document): FailAction {
  const code = getField(data, "errorCode") ?? getField(data, "failBeforeCommitExceptionCode");
  const isWriteFailure = getField(data, "failBeforeCommitExceptionCode") !== undefined || Object.keys(data).length === 0;
  const writeConcernError = getField(data, "writeConcernError");
  return {
    blockMs: data.blockConnection === true ? toNumber(data.blockTimeMS) : 0,
    closeConnection: data.closeConnection === true || (isWriteFailure && data.closeConnection !== false),
    errorCode: isNumber(code) ? toNumber(code) : undefined,
    errorLabels: Array.isArray(data.errorLabels) ? data.errorLabels : undefined,
    writeConcernError: isDocument(writeConcernError) ? writeConcernError : undefined,
  };
}

/** @throws the error a fail point asks for */
export function failByRequest(code: number, errorLabels?: unknown[]): never {
  fail(code, CODE_NAMES.get(code) ?? `Location${code}`, "Failing command via 'failCommand' failpoint", errorLabels && { errorLabels });
}

const CODE_NAMES = new Map([
  [2, "BadValue"],
  [8, "UnknownError"],
  [24, "LockTimeout"],
  [43, "CursorNotFound"],
  [50, "MaxTimeMSExpired"],
  [91, "ShutdownInProgress"],
  [112, "WriteConflict"],
  [189, "PrimarySteppedDown"],
  [246, "SnapshotUnavailable"],
  [251, "NoSuchTransaction"],
  [267, "PreparedTransactionInProgress"],
  [10107, "NotWritablePrimary"],
  [11600, "InterruptedAtShutdown"],
  [11601, "Interrupted"],
  [11602, "InterruptedDueToReplStateChange"],
  [13435, "NotPrimaryNoSecondaryOk"],
  [13436, "NotPrimaryOrSecondary"],
]);
