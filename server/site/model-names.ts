import "server-only";
import { cache } from "react";
import { siteCaller } from "@/server/site/caller";

export interface ModelName {
  slug: string;
  name: string;
  /** How many fields one row has. */
  inputs: number;
}

/** Lists for a reader to choose from end here. */
const MOST = 500;

/** The published models by name, read once a request. */
export const listModelNames = cache(async (): Promise<ModelName[]> => {
  const caller = await siteCaller();
  const names: ModelName[] = [];
  let cursor: string | undefined;
  do {
    const page = await caller.catalog.list({ limit: 100, cursor });
    names.push(...page.items.map(({ slug, name, inputs }) => ({ slug, name, inputs })));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && names.length < MOST);
  return names;
});
