import "server-only";
import { TRPCError } from "@trpc/server";
import { notFound } from "next/navigation";
import { toFormValues, toStoredQuery } from "@/lib/case-url";
import type { ModelDetail } from "@/lib/contracts/catalog";
import type { HistoryEntry } from "@/lib/contracts/history";
import { sayAnswer } from "@/lib/history-view";
import { startOfDay } from "@/lib/moment";
import { siteCaller } from "@/server/site/caller";
import { readKeyNames } from "@/server/site/key-names";
import { listModelNames, type ModelName } from "@/server/site/model-names";
import { readCustomer } from "@/server/site/session";

const ROWS = 50;

/** The filters as they stand in the address. */
export interface HistoryQuery {
  model: string;
  /** First and last day, as `2026-11-22`, on the clock of `zone`. */
  from: string;
  to: string;
  zone: string;
  request: string;
  /** The id of the prediction that the page before ended with. */
  after: string;
}

export interface HistoryRow {
  id: string;
  createdAt: string;
  model: string;
  version: number;
  /** The answer in a few words. */
  answer: string;
  milliseconds: number;
  /** How the call came in: the name of a key, or the page. */
  cameBy: string;
  requestId: string;
}

export interface HistoryPageData {
  rows: HistoryRow[];
  /** What continues the list, or null at its end. */
  next: string | null;
  models: ModelName[];
  /** Filters that mean nothing, by name: with one of them nothing is found. */
  unread: string[];
}

function isNothing(error: unknown): boolean {
  return error instanceof TRPCError && (error.code === "NOT_FOUND" || error.code === "BAD_REQUEST");
}

/** A model in one of its versions; null when it is not published any more. */
async function findModel(model: string, version?: number): Promise<ModelDetail | null> {
  try {
    return await (await siteCaller()).catalog.get({ model, version });
  } catch (error) {
    if (isNothing(error)) return null;
    throw error;
  }
}

function sayCaller(entry: HistoryEntry, keys: Map<string, string>): string {
  return entry.key === null ? "Page" : (keys.get(entry.key.id) ?? "A key that is gone");
}

/** The filters that mean something, as the room takes them, and the names of those that do not. */
function readFilters({ model, from, to, zone, request, after }: HistoryQuery) {
  const begin = from === "" ? null : startOfDay(from, zone);
  const end = to === "" ? null : startOfDay(to, zone, 1);
  const isId = /^[A-Za-z0-9_-]{8,64}$/.test(request);
  const isTurned = begin !== null && end !== null && end <= begin;
  const isUnread = { from: from !== "" && !begin, to: (to !== "" && !end) || isTurned, request: request !== "" && !isId };
  const unread = Object.entries(isUnread).flatMap(([name, is]) => (is ? [name] : []));
  const filter = {
    limit: ROWS,
    ...(model !== "" && { model }),
    ...(begin && { from: begin.toISOString() }),
    ...(end && { to: end.toISOString() }),
    ...(isId && { request_id: request }),
    ...(after !== "" && { cursor: after }),
  };
  return { filter, unread };
}

/** The answers of a page in a few words, each by the schema of the version that gave it. */
async function sayAnswers(items: HistoryEntry[]): Promise<string[]> {
  const versions = new Map<string, Promise<ModelDetail | null>>();
  const find = ({ model, version }: HistoryEntry) => {
    const name = `${model}/${version}`;
    const found = versions.get(name) ?? findModel(model, version);
    versions.set(name, found);
    return found;
  };
  return Promise.all(items.map(async (item) => sayAnswer((await find(item))?.live.schema.outputs ?? [], item.output)));
}

async function listEntries(filter: ReturnType<typeof readFilters>["filter"]) {
  try {
    return await (await siteCaller()).history.list(filter);
  } catch (error) {
    if (isNothing(error)) return { items: [], nextCursor: null };
    throw error;
  }
}

/** A page of the reader's predictions, newest first. */
export async function readHistoryPage(query: HistoryQuery): Promise<HistoryPageData> {
  const { filter, unread } = readFilters(query);
  // A filter that cannot be read finds nothing: a list without it would look like its answer.
  const found = unread.length > 0 ? { items: [], nextCursor: null } : listEntries(filter);
  const [{ items, nextCursor }, models, keys] = await Promise.all([found, listModelNames(), readKeyNames()]);
  const names = new Map(models.map(({ slug, name }) => [slug, name]));
  const answers = await sayAnswers(items);
  const rows = items.map((item, index) => ({
    id: item.id,
    createdAt: item.created_at,
    model: names.get(item.model) ?? item.model,
    version: item.version,
    answer: answers[index] ?? "",
    milliseconds: item.metrics.predict_time * 1_000,
    cameBy: sayCaller(item, keys),
    requestId: item.request_id,
  }));
  return { rows, next: nextCursor, models, unread };
}

async function lookUp(id: string): Promise<HistoryEntry | null> {
  try {
    return await (await siteCaller()).history.get({ id });
  } catch (error) {
    if (isNothing(error)) return null;
    throw error;
  }
}

export interface EntryPageData {
  entry: HistoryEntry;
  cameBy: string;
  /** The model with the version that answered as `live`; null when it is not published any more. */
  model: ModelDetail | null;
  /** The model's page with exactly this input in its form; null where there is no such page. */
  form: string | null;
}

/** The model's page with this input, as far as the version that is live now has its fields. */
async function writeForm({ id, model, input }: HistoryEntry): Promise<string | null> {
  const found = await findModel(model);
  if (!found) return null;
  const { schema, examples } = found.live;
  const query = toStoredQuery(schema.inputs, { id, input }, toFormValues(examples[0]?.input ?? {}));
  return `/models/${model}${query && `?${query}`}`;
}

/** The input of the reader's own prediction of a model; null for anything else, also for a visitor. */
export async function readStoredInput(model: string, id: string): Promise<HistoryEntry["input"] | null> {
  if ((await readCustomer()) === null) return null;
  const entry = await lookUp(id);
  return entry?.model === model ? entry.input : null;
}

/** One prediction of the reader's with all there is to it. Somebody else's, or none at all, ends in the 404 page. */
export async function readEntryPage(id: string): Promise<EntryPageData> {
  const entry = (await lookUp(id)) ?? notFound();
  const [model, form, keys] = await Promise.all([findModel(entry.model, entry.version), writeForm(entry), readKeyNames()]);
  return { entry, cameBy: sayCaller(entry, keys), model, form };
}
