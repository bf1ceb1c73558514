import "server-only";
import { type ApiKey, MAX_LIVE_KEYS } from "@/lib/contracts/keys";
import { siteCaller } from "@/server/site/caller";
import { listModelNames, type ModelName } from "@/server/site/model-names";
import { readOrigin } from "@/server/site/request";

export interface KeysPageData {
  /** Keys that work, or would again when switched on; newest first. */
  live: ApiKey[];
  /** Keys that ended for good. */
  ended: ApiKey[];
  /** How many live keys an account may have. */
  limit: number;
  models: ModelName[];
  /** Where the service is reached: what copied code calls. */
  origin: string;
  /** When the page was made: ages are told from this moment, so that server and browser write the same. */
  now: number;
}

const hasEnded = ({ status }: ApiKey) => status === "revoked" || status === "expired";

/** Everything the page of keys shows. */
export async function readKeysPage(): Promise<KeysPageData> {
  const caller = await siteCaller();
  const [{ items }, models, origin] = await Promise.all([caller.keys.list(), listModelNames(), readOrigin()]);
  const [live, ended] = [items.filter((key) => !hasEnded(key)), items.filter(hasEnded)];
  return { live, ended, limit: MAX_LIVE_KEYS, models, origin, now: Date.now() };
}

/** How code may name the key that a signed-in reader would call this model with: the one used last. Null where there is none yet. */
export async function readKeyHint(model: string): Promise<string | null> {
  const { items } = await (await siteCaller()).keys.list();
  const usable = items.filter(({ status, models }) => status === "active" && (models === null || models.includes(model)));
  const [last] = usable.sort((one, other) => (other.last_used_at ?? other.created_at).localeCompare(one.last_used_at ?? one.created_at));
  return last?.hint ?? null;
}
