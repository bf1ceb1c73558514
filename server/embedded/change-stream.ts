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
 * @throws 286 when the place to resume at is not known any more, 40415, 2, 238
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

function findStart(options: Document, changes: ChangeLog): number {
  const token = options.resumeAfter ?? options.startAfter;
  if (token !== undefined) return readToken(token, changes) ?? failHistoryLost();
  const time = options.startAtOperationTime;
  if (time === undefined) return changes.end;
  if (!(time instanceof Timestamp)) return fail(14, "TypeMismatch", "BSON field '$changeStream.startAtOperationTime' is the wrong type");
  return changes.findTime(time) ?? failHistoryLost();
}

function failHistoryLost(): never {
  const message = "Resume of change stream was not possible, as the resume point may no longer be in the oplog.";
  return fail(286, "ChangeStreamHistoryLost", message, { errorLabels: ["NonResumableChangeStreamError"] });
}

const TOKEN = /^([0-9A-F]{16})([0-9A-F]{16})$/;

function writeToken({ origin }: ChangeLog, sequence: number): Document {
  const parts = [origin, sequence].map((part) => part.toString(16).toUpperCase().padStart(16, "0"));
  return { _data: parts.join("") };
}

/** The place after the change a token was given for; undefined when it is of another process or too old. */
function readToken(token: unknown, changes: ChangeLog): number | undefined {
  const [, origin = "", sequence = ""] = TOKEN.exec(isDocument(token) ? String(token._data) : "") ?? [];
  const place = Number.parseInt(sequence, 16) + 1;
  return Number.parseInt(origin, 16) === changes.origin && place >= changes.start && place <= changes.end ? place : undefined;
}

class ChangeStream implements Tail {
  private isInvalid = false;

  constructor(
    private readonly watched: Watched,
    private readonly host: StreamHost,
    private readonly looksUp: boolean,
    private next: number,
  ) {}

  resumeToken(): Document {
    return writeToken(this.host.changes, this.next - 1);
  }

  wait(milliseconds: number): Promise<void> {
    this.host.changes.keep();
    return this.next < this.host.changes.end ? Promise.resolve() : this.host.changes.wait(milliseconds);
  }

  *draw(): DocumentSource {
    while (!this.isInvalid) {
      this.host.changes.keep();
      if (this.next < this.host.changes.start) failHistoryLost();
      const change = this.host.changes.at(this.next);
      if (change) {
        this.next += 1;
        for (const event of this.describe(change)) yield* this.send(event);
      } else {
        yield undefined;
      }
    }
  }

  private *send(event: Document): DocumentSource {
    for (const document of this.host.process(event)) if (document) yield serializeDocument(document);
  }

  private describe(change: LoggedChange): Document[] {
    const { namespace, kind } = change;
    const dot = namespace.indexOf(".");
    const [db, coll] = dot < 0 ? [namespace, undefined] : [namespace.slice(0, dot), namespace.slice(dot + 1)];
    const { database, collection } = this.watched;
    if (database !== null && db !== database) return [];
    if (collection !== null && coll !== undefined && coll !== collection) return [];
    const isEnd = collection === null ? database !== null && kind === "dropDatabase" : kind === "drop" || kind === "rename";
    if (collection !== null && kind === "dropDatabase") return [];
    const common = { clusterTime: change.at, wallTime: change.wallTime };
    const place = writeToken(this.host.changes, change.sequence);
    const ns = coll === undefined ? { db } : { db, coll };
    const event: Document = { _id: place, operationType: kind, ...common, ns, ...this.describeFields(change) };
    if (!isEnd) return [event];
    this.isInvalid = true;
    return [event, { _id: place, operationType: "invalidate", ...common }];
  }

  private describeFields({ kind, namespace, fields }: LoggedChange): Document {
    const event = deserializeTyped(fields);
    if (kind !== "update" || !this.looksUp) return event;
    const { _id: id } = event.documentKey as Document;
    return { ...event, fullDocument: this.host.findById(namespace, id) };
  }
}
