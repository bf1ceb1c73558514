import "server-only";
import { z } from "zod";
import { startOfIds, timeOfId } from "@/server/core/ids";
import type { CallKind, EntryRecord, LogBlock } from "@/server/modules/traffic/collection";

/**
 * The log keeps its entries as MongoDB's own collections of time series keep their measurements: those of one kind that came at about the
 * same time are one document, and are found by what they have in common (MongoDB manual, "Time Series Collections", the bucket pattern). A
 * document for each call, with a key in four indexes, was a third of all that a visitor's call cost.
 */

/** Entries in a block at most: what is read for the sake of one of them. */
export const MOST_IN_BLOCK = 250;
/** How far apart in time the entries of a block are at most. A reader who goes back from a moment looks at blocks that end so much later. */
export const BLOCK_SPAN_MS = 1_000;
/** How long before the end of its call a request id was made, where it is looked for by its time. Others have blocks of their own. */
export const TIMELY_MS = 5_000;

const REQUEST_ID = /^req_[0-9A-HJKMNP-TV-Z]{26}$/;
const slowFrom = { over100: 100, over500: 500, over2000: 2_000 } as const;
const packedEntries = z.array(z.tuple([z.string(), z.string(), z.number(), z.number().nullable()]));

/** Which request ids are of the time of a call that ended now; many end in one millisecond. */
let timely = { at: -1, from: "", before: "" };

function isTimely(requestId: string, at: number): boolean {
  if (timely.at !== at) {
    timely = { at, from: startOfIds("request", new Date(at - TIMELY_MS)), before: startOfIds("request", new Date(at + 1)) };
  }
  return requestId >= timely.from && requestId < timely.before && REQUEST_ID.test(requestId);
}

/** The request id that a caller chose, or that took its time; null where it can be found by its time. */
const chosenIdOf = ({ requestId, at }: EntryRecord): string | null => (isTimely(requestId, at.getTime()) ? null : requestId);

/** How many of the thresholds a call passed: those that did are in no block with others. */
function slownessOf({ milliseconds }: EntryRecord): number {
  if (milliseconds < slowFrom.over100) return 0;
  return Object.values(slowFrom).filter((threshold) => milliseconds >= threshold).length;
}

/** None of these can hold a line break. */
function nameKind(entry: EntryRecord, chosenId: string | null): string {
  const { surface, route, method, status, code, model, version, arm, customerId, keyId, cameBy } = entry;
  const call = `${surface}\n${route}\n${method}\n${status}\n${code}\n${model}\n${version}\n${arm}`;
  return `${call}\n${customerId}\n${keyId}\n${cameBy}\n${slownessOf(entry)}\n${chosenId}`;
}

/** Whether two entries are of one kind. Most follow one of their own kind, and need no name made of it. */
function isAlike(one: EntryRecord, other: EntryRecord): boolean {
  return (
    one.model === other.model &&
    one.version === other.version &&
    one.arm === other.arm &&
    one.customerId === other.customerId &&
    one.keyId === other.keyId &&
    one.cameBy === other.cameBy &&
    one.status === other.status &&
    one.code === other.code &&
    one.route === other.route &&
    one.method === other.method &&
    one.surface === other.surface &&
    slownessOf(one) === slownessOf(other)
  );
}

/** A block that entries are still added to. */
class OpenBlock {
  readonly #entries: EntryRecord[] = [];
  #first: EntryRecord;
  #last: EntryRecord;

  constructor(
    readonly example: EntryRecord,
    readonly chosenId: string | null,
  ) {
    this.#first = example;
    this.#last = example;
  }

  /** Whether there is room, in number and in time. */
  takes({ at }: EntryRecord): boolean {
    const time = at.getTime();
    const isNear = time - this.#first.at.getTime() < BLOCK_SPAN_MS && this.#last.at.getTime() - time < BLOCK_SPAN_MS;
    return isNear && this.#entries.length < MOST_IN_BLOCK;
  }

  add(entry: EntryRecord): void {
    this.#entries.push(entry);
    if (entry._id < this.#first._id) this.#first = entry;
    if (entry._id > this.#last._id) this.#last = entry;
  }

  close(): LogBlock {
    const { surface, route, method, status, code, model, version, arm, customerId, keyId, cameBy } = this.#last;
    const kind: CallKind = { surface, route, method, status, code, model, version, arm, customerId, keyId, cameBy };
    const slowest = this.#entries.reduce((most, { milliseconds }) => Math.max(most, milliseconds), 0);
    const requests = this.chosenId === null ? this.#entries.map(({ requestId }) => requestId).sort() : [];
    return {
      _id: this.#last._id,
      oldest: this.#first._id,
      at: this.#last.at,
      count: this.#entries.length,
      ...kind,
      failure: status >= 400 ? Math.floor(status / 100) : null,
      slowest,
      ...(slowest >= slowFrom.over100 && { over100: true }),
      ...(slowest >= slowFrom.over500 && { over500: true }),
      ...(slowest >= slowFrom.over2000 && { over2000: true }),
      chosenId: this.chosenId,
      firstRequest: requests.at(0) ?? null,
      lastRequest: requests.at(-1) ?? null,
      entries: JSON.stringify(this.#entries.map(({ _id, requestId, milliseconds, rows }) => [_id, requestId, milliseconds, rows])),
    };
  }
}

/** The entries as blocks, in the order in which each block's first one comes. */
export function packEntries(entries: readonly EntryRecord[]): LogBlock[] {
  const blocks: OpenBlock[] = [];
  const byKind = new Map<string, OpenBlock>();
  let latest: OpenBlock | undefined;
  for (const entry of entries) {
    const chosenId = chosenIdOf(entry);
    if (latest?.chosenId !== chosenId || !isAlike(latest.example, entry) || !latest.takes(entry)) {
      const kind = nameKind(entry, chosenId);
      latest = byKind.get(kind);
      if (!latest?.takes(entry)) {
        latest = new OpenBlock(entry, chosenId);
        byKind.set(kind, latest);
        blocks.push(latest);
      }
    }
    latest.add(entry);
  }
  return blocks.map((block) => block.close());
}

/** The entries of a block, in no order. */
export function unpackBlock(block: LogBlock): EntryRecord[] {
  const { surface, route, method, status, code, model, version, arm, customerId, keyId, cameBy } = block;
  const kind: CallKind = { surface, route, method, status, code, model, version, arm, customerId, keyId, cameBy };
  return packedEntries.parse(JSON.parse(block.entries)).map(([_id, requestId, milliseconds, rows]) => {
    return { ...kind, _id, requestId, at: timeOfId(_id) ?? block.at, milliseconds, rows };
  });
}

/** Where blocks end that hold no entry as young as this one: an entry's id, or anything else that a list can be cut at. */
export function behindBlocksOf(id: string): string {
  const time = timeOfId(id)?.getTime();
  return time === undefined ? id : startOfIds("entry", new Date(time + BLOCK_SPAN_MS + 1));
}
