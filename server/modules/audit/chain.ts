import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import type { AuditVerdict } from "@/lib/contracts/audit.admin";
import * as repository from "@/server/modules/audit/repository";

const PAGE = 500;

/** What a hash is made of, in this order. */
export const HASHED_FIELDS = [
  "number", "id", "at", "operator", "action", "target_kind", "target_id", "outcome", "code", "reason", "before", "after", "address",
  "request_id", "previous_hash",
] as const;

/** The text that is hashed: everything an entry says and the hash of the one before, as a JSON array in the order of {@link HASHED_FIELDS}. */
export function writeHashed(entry: Omit<repository.AuditRecord, "hash">): string {
  const { _id, id, at, operator, action, target, outcome, code, reason, before, after, address, requestId, previousHash } = entry;
  const who = operator && [operator.id, operator.email, operator.name];
  const what = [action, target.kind, target.id, outcome, code, reason, before, after];
  return JSON.stringify([_id, id, at.toISOString(), who, ...what, address, requestId, previousHash]);
}

/** SHA-256 in hexadecimal over {@link writeHashed}: a hash chain. */
export function hashEntry(entry: Omit<repository.AuditRecord, "hash">): string {
  return createHash("sha256").update(writeHashed(entry)).digest("hex");
}

/** Every entry in the order of the chain, a part at a time. */
export async function* walkChain(): AsyncGenerator<repository.AuditRecord> {
  for (let last = 0; ; ) {
    const part = await repository.findEntriesAfter(last, PAGE);
    yield* part;
    const end = part.at(-1);
    if (!end) return;
    last = end._id;
  }
}

type Head = Awaited<ReturnType<typeof repository.findKnownHead>>;

const text = z.string();
const storedHead = z.object({ number: z.int(), hash: text }).nullable();
/** What an entry must be before anything else can be said of it: whoever changes the database may have left anything there. */
const storedEntry = z.object({
  _id: z.int(),
  at: z.date(),
  operator: z.object({ id: text, email: text, name: text }).nullable(),
  target: z.object({ kind: text, id: text }),
});

function findFault(record: repository.AuditRecord, expected: number, previousHash: string, known: Head): string | null {
  if (!storedEntry.safeParse(record).success) return "It is not in the form that entries are written in.";
  if (record._id !== expected) return record._id === expected + 1 ? `Entry ${expected} is missing.` : `Entries ${expected} to ${record._id - 1} are missing.`;
  if (record.previousHash !== previousHash) return "It is not linked to the entry before it.";
  if (record.hash !== hashEntry(record)) return "It was changed after it was written.";
  return known?.number === record._id && known.hash !== record.hash ? "It is not the entry that was written under this number." : null;
}

/** What is wrong with where the chain ends. `before` was read before the walk and `after` behind it: entries are written meanwhile. */
function findWrongEnd(before: Head, after: Head, last: number): AuditVerdict["fault"] {
  if (before && before.number > last) return { number: last + 1, detail: `The newest entries are missing: there were ${before.number}.` };
  if (!after) return last === 0 ? null : { number: last, detail: "The record of where the chain ends is missing." };
  if (!storedHead.safeParse(after).success) return { number: last, detail: "The record of where the chain ends was changed." };
  return after.number < last ? { number: after.number + 1, detail: "It was put in behind the newest entry." } : null;
}

/** Walks the whole chain and says where it breaks: an entry that was changed, taken out, put in, cut off, or lies beside it (number 0). */
export async function verifyChain(): Promise<AuditVerdict> {
  const known = await repository.findKnownHead();
  let head = "";
  let last = 0;
  for await (const record of walkChain()) {
    const detail = findFault(record, last + 1, head, known);
    if (detail !== null) return { whole: false, entries: last, fault: { number: Math.ceil(record._id), detail }, head };
    head = record.hash;
    last = record._id;
  }
  const strays = await repository.countStrays();
  if (strays > 0) return { whole: false, entries: last, fault: { number: 0, detail: `${strays} of the entries have no number of the chain.` }, head };
  const fault = findWrongEnd(known, await repository.findKnownHead(), last);
  return { whole: fault === null, entries: last, fault, head };
}
