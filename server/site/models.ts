import "server-only";
import { TRPCError } from "@trpc/server";
import { notFound } from "next/navigation";
import { cache } from "react";
import type { ModelDetail } from "@/lib/contracts/catalog";
import { modelTask } from "@/lib/contracts/model-schema";
import { siteCaller } from "@/server/site/caller";

/**
 * The model a page is about, read once a request however many parts of the page ask for it.
 * Ends in the 404 page when there is no such model.
 */
export const readModel = cache(async (slug: string): Promise<ModelDetail> => {
  try {
    return await (await siteCaller()).catalog.get({ model: slug });
  } catch (error) {
    if (error instanceof TRPCError && (error.code === "NOT_FOUND" || error.code === "BAD_REQUEST")) notFound();
    throw error;
  }
});

/** How many working panes one page of the catalog shows. */
const PANES = 12;
const MOST_COUNTED = 100;

export interface CatalogPage {
  models: ModelDetail[];
  /** Models by task that fit the search, under "all" the sum; counted up to a hundred. */
  counts: Record<string, number>;
  /** What continues the list, or null at its end. */
  next: string | null;
}

/** Panes whose controls fit on them come first: they show best what a model does. */
function isOneGlance({ live }: ModelDetail): boolean {
  return live.schema.inputs.length > 1 && live.schema.inputs.length <= 20;
}

/** A page of the catalog with everything its panes need. An unknown task finds nothing. */
export async function readCatalog({ q, task, after }: { q?: string; task?: string; after?: string }): Promise<CatalogPage> {
  const caller = await siteCaller();
  const search = q?.replaceAll("\0", "").slice(0, 100);
  const wanted = modelTask.safeParse(task);
  const found = await caller.catalog.list({ limit: MOST_COUNTED, q: search });
  const counts: Record<string, number> = { all: found.items.length };
  for (const item of found.items) counts[item.task] = (counts[item.task] ?? 0) + 1;
  if (task !== undefined && !wanted.success) return { models: [], counts, next: null };
  const page = await caller.catalog.list({ limit: PANES, q: search, task: wanted.data, cursor: after?.slice(0, 140) });
  const models = await Promise.all(page.items.map((item) => caller.catalog.get({ model: item.slug })));
  models.sort((one, other) => Number(isOneGlance(other)) - Number(isOneGlance(one)));
  return { models, counts, next: page.nextCursor };
}
