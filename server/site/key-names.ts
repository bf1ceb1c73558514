import "server-only";
import { cache } from "react";
import { siteCaller } from "@/server/site/caller";

/** The reader's keys by id, also those that ended, read once a request. */
export const readKeyNames = cache(async (): Promise<Map<string, string>> => {
  const { items } = await (await siteCaller()).keys.list();
  return new Map(items.map(({ id, name }) => [id, name]));
});
