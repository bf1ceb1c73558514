import { getField } from "../bson";
import { fail } from "../errors";
import type { Reply } from "../reply";
import { failNoTransaction } from "../sessions";
import type { Transaction } from "../transactions";
import { checkFields, type Call } from "./call";

function requireTransaction(call: Call): Transaction {
  return call.transaction ?? fail(20, "IllegalOperation", `${call.name} must be run within a transaction`);
}

/**
 * commitTransaction. Committing a committed transaction again is fine: that is how drivers retry. (A session without
 * a transaction gets here only if it was committed before a restart, see resolveTransaction.)
 */
export function commitTransaction(call: Call): Reply {
  checkFields(call, ["recoveryToken"]);
  const isCommittedBefore = call.transaction === null && getField(call.command, "autocommit") === false;
  if (isCommittedBefore) return { ok: 1 };
  const transaction = requireTransaction(call);
  if (transaction.state === "aborted") failNoTransaction(`Transaction ${transaction.number} has been aborted.`);
  if (transaction.state === "open") transaction.commit();
  return { ok: 1 };
}

export function abortTransaction(call: Call): Reply {
  checkFields(call, ["recoveryToken"]);
  const transaction = requireTransaction(call);
  if (transaction.state === "committed") {
    fail(256, "TransactionCommitted", `Transaction ${transaction.number} has been committed.`);
  }
  if (transaction.state === "aborted") failNoTransaction(`Transaction ${transaction.number} has been aborted.`);
  transaction.abort();
  return { ok: 1 };
}
