import { Timestamp } from "bson";
import { deserializeTyped, serializeDocument, type Document } from "./bson";
import type { ChangeLog, LoggedChange } from "./change-log";
import type { DocumentSource, Tail } from "./cursors";
import { fail, failBadValue, failLocation, refuse } from "./errors";
import { isDocument } from "./values";

/** What a stream is about: a collection, a database, or everything. */
export interface Watched {
  database: string | null;
  collection: string | null;
}

/** What a stream needs of the server it runs in. */
export interface StreamHost {
  changes: ChangeLog;
  /** The document with this `_id` as it is now, for `fullDocument: "updateLookup"`. */
  findById(namespace: string, id: unknown): Document | null;
  /** Runs the stages after `$changeStream` over one event. */
  process(event: Document): Iterable<Document | undefined>;
}

const OPTIONS = new Set([
  "fullDocument",
  "fullDocumentBeforeChange",
  "resumeAfter",
  "startAfter",
  "startAtOperationTime",
  "allChangesForCluster",
  "showExpandedEvents",
]);
const FULL_DOCUMENT = new Set(["default", "updateLookup", "whenAvailable"]);

/**
 * `$changeStream` (docs/changeStreams): events of everything committed from now on, or from a token of this process on. Pre- and
 * post-images are not kept.
 * @throws 286 when the place to resume at is not known any more, 260 for a token nothing can be resumed with, 40415, 2, 238
 */
export function openChangeStream(spec: unknown, watched: Watched, host: StreamHost): { source: DocumentSource; tail: Tail } {
  const options = readOptions(spec);
  host.changes.keep();
  const stream = new ChangeStream(watched, host, options.fullDocument === "updateLookup", findStart(options, host.changes));
  return { source: stream.draw(), tail: stream };
}

function readOptions(spec: unknown): Document {
  if (!isDocument(spec)) return failLocation(50808, "$changeStream stage expects a document as argument");
  const unknown = Object.keys(spec).find((name) => !OPTIONS.has(name));
  if (unknown) fail(40415, "Location40415", `BSON field '$changeStream.${unknown}' is an unknown field.`);
  const fullDocument = spec.fullDocument ?? "default";
  if (fullDocument === "required") refuse("$changeStream with fullDocument 'required'");
  if (!FULL_DOCUMENT.has(String(fullDocument))) {
    failBadValue(`Enumeration value '${String(fullDocument)}' for field '$changeStream.fullDocument' is not valid.`);
  }
  if (spec.fullDocumentBeforeChange === "required") refuse("$changeStream with fullDocumentBeforeChange 'required'");
  if (spec.showExpandedEvents === true) refuse("$changeStream with showExpandedEvents");
  return spec;
}

/** Where a stream begins. */
interface Start {
  place: number;
  /** The change whose event was the last of another stream; its invalidate is still to come. */
  end?: LoggedChange;
}

function findStart(options: Document, changes: ChangeLog): Start {
  const given = options.resumeAfter ?? options.startAfter;
  if (given !== undefined) {
    const { place, suffix } = readToken(given, changes) ?? failHistoryLost();
    if (suffix === INVALIDATE && options.resumeAfter !== undefined) {
      failToken("Attempting to resume a change stream using 'resumeAfter' is not allowed from an invalidate notification.");
    }
    return suffix === END ? { place, end: changes.at(place - 1) ?? failHistoryLost() } : { place };
  }
  const time = options.startAtOperationTime;
  if (time === undefined) return { place: changes.end };
  if (!(time instanceof Timestamp)) return fail(14, "TypeMismatch", "BSON field '$changeStream.startAtOperationTime' is the wrong type");
  return { place: changes.findTime(time) ?? failHistoryLost() };
}

function failToken(message: string): never {
  return fail(260, "InvalidResumeToken", message, { errorLabels: ["NonResumableChangeStreamError"] });
}

function failHistoryLost(): never {
  const message = "Resume of change stream was not possible, as the resume point may no longer be in the oplog.";
  return fail(286, "ChangeStreamHistoryLost", message, { errorLabels: ["NonResumableChangeStreamError"] });
}

/** The process, the change, and what is said of it when it ended a stream. */
const TOKEN = /^([0-9A-F]{16})([0-9A-F]{16})(01|02)?$/;
/** The event was the last one before the invalidate. */
const END = "01";
const INVALIDATE = "02";

function writeToken({ origin }: ChangeLog, sequence: number, suffix = ""): Document {
  const parts = [origin, sequence].map((part) => part.toString(16).toUpperCase().padStart(16, "0"));
  return { _data: parts.join("") + suffix };
}

/** The place after the change a token was given for; undefined when it is of another process or too old. @throws 260 for no token */
function readToken(token: unknown, changes: ChangeLog): { place: number; suffix: string } | undefined {
  const parts = TOKEN.exec(isDocument(token) ? String(token._data) : "") ?? failToken("The resume token is not one of a change stream");
  const [, origin = "", sequence = "", suffix = ""] = parts;
  const place = Number.parseInt(sequence, 16) + 1;
  const isKnown = Number.parseInt(origin, 16) === changes.origin && place >= changes.start && place <= changes.end;
  return isKnown ? { place, suffix } : undefined;
}

function splitNamespace(namespace: string): { db: string; coll?: string } {
  const dot = namespace.indexOf(".");
  return dot < 0 ? { db: namespace } : { db: namespace.slice(0, dot), coll: namespace.slice(dot + 1) };
}

class ChangeStream implements Tail {
  /** The change that ended the stream. */
  private end: LoggedChange | null = null;
  private isInvalidated = false;
  private next: number;

  constructor(
    private readonly watched: Watched,
    private readonly host: StreamHost,
    private readonly looksUp: boolean,
    { place, end }: Start,
  ) {
    this.next = place;
    if (end && this.concerns(end) && this.isEnd(end)) this.end = end;
  }

  resumeToken(): Document {
    const suffix = this.isInvalidated ? INVALIDATE : this.end ? END : "";
    return writeToken(this.host.changes, this.next - 1, suffix);
  }

  wait(milliseconds: number): Promise<void> {
    this.host.changes.keep();
    return this.next < this.host.changes.end ? Promise.resolve() : this.host.changes.wait(milliseconds);
  }

  *draw(): DocumentSource {
    while (!this.end) {
      this.host.changes.keep();
      if (this.next < this.host.changes.start) failHistoryLost();
      const change = this.host.changes.at(this.next);
      if (!change) {
        yield undefined;
        continue;
      }
      this.next += 1;
      if (!this.concerns(change)) continue;
      if (this.isEnd(change)) this.end = change;
      yield* this.send(this.describe(change));
    }
    this.isInvalidated = true;
    const { sequence, at, wallTime } = this.end;
    const token = writeToken(this.host.changes, sequence, INVALIDATE);
    yield* this.send({ _id: token, operationType: "invalidate", clusterTime: at, wallTime });
  }

  private *send(event: Document): DocumentSource {
    for (const document of this.host.process(event)) if (document) yield serializeDocument(document);
  }

  private concerns({ namespace, kind }: LoggedChange): boolean {
    const { db, coll } = splitNamespace(namespace);
    const { database, collection } = this.watched;
    if (database !== null && db !== database) return false;
    return collection === null || (kind !== "dropDatabase" && coll === collection);
  }

  private isEnd({ kind }: LoggedChange): boolean {
    const { database, collection } = this.watched;
    return collection === null ? database !== null && kind === "dropDatabase" : kind === "drop" || kind === "rename";
  }

  private describe(change: LoggedChange): Document {
    const { sequence, at, wallTime, kind, namespace } = change;
    const token = writeToken(this.host.changes, sequence, this.isEnd(change) ? END : "");
    const common = { _id: token, operationType: kind, clusterTime: at, wallTime };
    return { ...common, ns: splitNamespace(namespace), ...this.describeFields(change) };
  }

  private describeFields({ kind, namespace, fields }: LoggedChange): Document {
    const event = deserializeTyped(fields);
    if (kind !== "update" || !this.looksUp) return event;
    const { _id: id } = event.documentKey as Document;
    return { ...event, fullDocument: this.host.findById(namespace, id) };
  }
}
