/** The audit: every act of an operator, each linked to the one before by its hash. */
import { z } from "zod";

const facts = z.record(z.string(), z.unknown()).nullable();

export const auditEntry = z.object({
  id: z.string(),
  /** Counts from 1 without a gap. */
  number: z.int(),
  at: z.iso.datetime(),
  /** Who; null: the service itself, or nobody who proved who they are. */
  operator: z.object({ id: z.string(), email: z.string(), name: z.string() }).nullable(),
  /** `model.promote`: what it was done to, and what was done. */
  action: z.string(),
  /** What it was done to. */
  target: z.object({ kind: z.string(), id: z.string() }),
  /** `unknown`: the act began, and the service died before it could tell how it ended. */
  outcome: z.enum(["done", "refused", "unknown"]),
  /** Why it was refused: a code of the error table. */
  code: z.string().nullable(),
  /** What the operator gave as a reason. */
  reason: z.string().nullable(),
  before: facts,
  after: facts,
  /** Of the operator's network. */
  address: z.string(),
  request_id: z.string(),
  /** SHA-256 over this entry and the hash of the one before, in hexadecimal. */
  hash: z.string(),
  previous_hash: z.string(),
});

export const listAuditInput = z.strictObject({
  limit: z.int().min(1).max(100).default(50),
  /** The number of the last entry of the page before. */
  cursor: z.int().optional(),
  action: z.string().max(60).optional(),
  operator: z.string().max(60).optional(),
  target: z.string().max(140).optional(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});
export const auditPage = z.object({ items: z.array(auditEntry), nextCursor: z.int().nullable() });

export const auditNumberInput = z.strictObject({ number: z.int().min(1) });
/** What the list can be filtered by. */
export const auditFacets = z.object({ actions: z.array(z.string()), operators: z.array(z.object({ id: z.string(), name: z.string() })) });

/** Whether the chain is whole, and where it breaks. */
export const auditVerdict = z.object({
  whole: z.boolean(),
  entries: z.int(),
  /** What is wrong, in words; the first fault that was found. */
  fault: z.object({ number: z.int(), detail: z.string() }).nullable(),
  /** Of the newest entry: kept elsewhere, it proves later that nothing was cut off. */
  head: z.string(),
});

export type AuditEntry = z.infer<typeof auditEntry>;
export type AuditPage = z.infer<typeof auditPage>;
export type AuditFacets = z.infer<typeof auditFacets>;
export type AuditVerdict = z.infer<typeof auditVerdict>;
export type ListAudit = z.output<typeof listAuditInput>;
