import { Binary } from "bson";
import { getField, type Document } from "./bson";
import type { Engine } from "./engine";
import { fail } from "./errors";
import { RetrySlot } from "./retry";
import { Transaction } from "./transactions";
import { Turns } from "./turns";
import { isDocument, toNumber } from "./values";

const IDLE_MS = 30 * 60_000;

/** One logical session of a client: at most one transaction, and its numbered writes run one after another. */
export class Session {
  transaction: Transaction | null = null;
  lastUsed = Date.now();
  /** Its last numbered write. */
  lastWrite: RetrySlot | null = null;
  /** A retry must not overtake the attempt it repeats. */
  readonly turns = new Turns();

  constructor(readonly id: string) {}
}

export class Sessions {
  private readonly sessions = new Map<string, Session>();

  constructor(private readonly engine: Engine) {}

  /** The session named by a command's `lsid`, or null when it has none. */
  find(command: Document): Session | null {
    const id = readSessionId(getField(command, "lsid"));
    if (id === null) return null;
    const session = this.sessions.get(id) ?? new Session(id);
    this.sessions.set(id, session);
    session.lastUsed = Date.now();
    return session;
  }

  end(lsid: unknown): void {
    const id = readSessionId(lsid);
    if (id === null) return;
    this.sessions.get(id)?.transaction?.abort();
    this.sessions.delete(id);
  }

  abortAll(): void {
    for (const session of this.sessions.values()) session.transaction?.abort();
  }

  dropIdle(): void {
    for (const session of this.sessions.values()) {
      if (Date.now() - session.lastUsed < IDLE_MS) continue;
      session.transaction?.abort();
      this.sessions.delete(session.id);
    }
  }

  /**
   * The transaction a command belongs to, begun if the command says so; null for a command outside of one, and for
   * committing again what was committed before a restart.
   * @throws 251 when it has ended or never began, 225 when a later one has begun, 50911 when begun twice
   */
  resolveTransaction(session: Session | null, command: Document): Transaction | null {
    if (!session || getField(command, "autocommit") !== false) return null;
    const number = toNumber(command.txnNumber);
    const known = session.transaction;
    if (known && number < known.number) {
      fail(225, "TransactionTooOld", `Cannot use transaction ${number}: ${known.number} has already started on this session.`);
    }
    if (getField(command, "startTransaction") === true) {
      if (known?.number === number) fail(50911, "Location50911", `Transaction ${number} has already been started`);
      known?.abort();
      session.transaction = new Transaction(this.engine, session.id, number);
      return session.transaction;
    }
    if (known?.number === number) return known;
    if (getField(command, "commitTransaction") !== undefined && this.wasCommitted(session, number)) return null;
    return failNoTransaction(`Given transaction number ${number} does not match any in-progress transactions.`);
  }

  private wasCommitted(session: Session, number: number): boolean {
    return new RetrySlot(this.engine, session.id, number).load()?.state.isCommit === true;
  }
}

/** @throws 251, with the label that lets the driver run the whole transaction again */
export function failNoTransaction(message: string): never {
  fail(251, "NoSuchTransaction", message, { errorLabels: ["TransientTransactionError"] });
}

function readSessionId(lsid: unknown): string | null {
  if (lsid === undefined) return null;
  const id = isDocument(lsid) ? lsid.id : undefined;
  if (!(id instanceof Binary)) return fail(14, "TypeMismatch", "BSON field 'lsid' is the wrong type, expected an object with a binary id");
  return Buffer.from(id.buffer.subarray(0, id.position)).toString("hex");
}
