import "server-only";
import type { ModelDetail, ModelPage } from "@/lib/contracts/catalog";
import { PromiseCache } from "@/server/core/promise-cache";
import type { VersionRecord } from "@/server/modules/catalog/collection";
import type { ModelHead, VersionHead } from "@/server/modules/catalog/repository";

/** A moved alias, a pause and a new card are seen by every process after this time at the latest; by the process that made them at once. */
export const ALIAS_TTL_MS = 3_000;

/**
 * While the database is away, models are answered as they were read last, for so long. Nobody can publish or pause by that database then;
 * a process that alone cannot reach it may miss such an act for that time.
 */
const WHILE_AWAY = { keepMs: 5 * 60_000, patienceMs: 1_000 };
const MOST_MODELS = 500;
const MOST_LISTS = 50;
const MOST_VERSIONS = 200;
/** Versions of one model, read one after the other. */
const MOST_TOLD = 20;

const createLists = () => new PromiseCache<ModelHead[]>(MOST_LISTS, ALIAS_TTL_MS, WHILE_AWAY);

/** What a process knows of the catalog. */
interface Known {
  models: PromiseCache<ModelHead>;
  /** Any change to a model may change any list, so these go all at once. */
  lists: PromiseCache<ModelHead[]>;
  /** What is read each time, and known for the time in which it cannot be. */
  heads: PromiseCache<VersionHead[]>;
  versions: PromiseCache<VersionRecord>;
  /** What callers are told of a model, by version: made once from what was read of it, so that it never is older than that. */
  told: WeakMap<ModelHead, PromiseCache<ModelDetail>>;
  toldLists: WeakMap<ModelHead[], Promise<ModelPage>>;
}

/** One a process, kept on `globalThis` because Next evaluates modules more than once: an act of the console is seen at once by pages and API. */
const holder: typeof globalThis & { vitrineCatalog?: Known } = globalThis;
holder.vitrineCatalog ??= {
  models: new PromiseCache(MOST_MODELS, ALIAS_TTL_MS, WHILE_AWAY),
  lists: createLists(),
  heads: new PromiseCache(MOST_MODELS, 0, WHILE_AWAY),
  versions: new PromiseCache(MOST_VERSIONS, Infinity),
  told: new WeakMap(),
  toldLists: new WeakMap(),
};
export const known = holder.vitrineCatalog;

/** Lets this process see what was changed about a model at once. */
export function forgetModel(slug: string): void {
  known.models.forget(slug);
  known.lists = createLists();
}

/** What is told of a model and one of its versions, made by `make` unless it is known. */
export async function tellOnce(model: ModelHead, version: number, make: () => Promise<ModelDetail>): Promise<ModelDetail> {
  const told = known.told.get(model) ?? new PromiseCache<ModelDetail>(MOST_TOLD, Infinity);
  known.told.set(model, told);
  return told.read(String(version), make);
}

/** What is told of a list, made by `make` unless it is known; a failure is not kept. */
export async function tellListOnce(list: ModelHead[], make: () => Promise<ModelPage>): Promise<ModelPage> {
  const told = known.toldLists.get(list) ?? make();
  known.toldLists.set(list, told);
  told.catch(() => known.toldLists.delete(list));
  return told;
}
