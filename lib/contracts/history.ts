/** A customer's own predictions, newest first. */
import { z } from "zod";
import { modelSlug } from "@/lib/contracts/catalog";
import { prediction } from "@/lib/contracts/predict";

export const predictionId = z.string().regex(/^prd_[0-9A-HJKMNP-TV-Z]{26}$/, "is not the id of a prediction");

/** A prediction as it was answered, and how its call came in: `key` null means a signed-in page. */
export const historyEntry = prediction.extend({ key: z.object({ id: z.string() }).nullable() });

export const listHistoryInput = z.strictObject({
  limit: z.int().min(1).max(100).default(20),
  /** The id the page before ended with. */
  cursor: predictionId.optional(),
  model: modelSlug.optional(),
  /** From this moment on. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Up to, and without, this moment. */
  to: z.iso.datetime({ offset: true }).optional(),
  /** All predictions of one call. */
  request_id: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/).optional(),
});
export const historyPage = z.object({ items: z.array(historyEntry), nextCursor: z.string().nullable() });
export const getHistoryInput = z.strictObject({ id: predictionId });
export const deleteHistoryInput = z.strictObject({ ids: z.array(predictionId).min(1).max(100) });
export const deletedHistory = z.object({ deleted: z.int() });

export type HistoryEntry = z.infer<typeof historyEntry>;
export type HistoryPage = z.infer<typeof historyPage>;
export type HistoryFilter = z.output<typeof listHistoryInput>;
