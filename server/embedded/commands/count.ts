import { estimateBytes } from "../aggregate/context";
import { getField, MAX_DOCUMENT_BYTES, type Document } from "../bson";
import { fail, failLocation } from "../errors";
import { encodeKey } from "../key-encoding";
import { compileFilter } from "../match/filter";
import { pathValues } from "../match/path";
import { collectPatiently, prepareQuery } from "../query";
import type { Reply } from "../reply";
import { compareValues } from "../values";
import {
  checkFields,
  findCollection,
  getReadContext,
  readCollation,
  readDocument,
  readNamespace,
  readNumber,
  type Call,
} from "./call";

/** count: `{ count, query, limit, skip, hint, collation }` */
export async function count(call: Call): Promise<Reply> {
  const { command } = call;
  checkFields(call, ["query", "limit", "skip", "hint", "collation", "fields"]);
  const filter = readDocument(command.query, "count.query") ?? {};
  const collection = findCollection(call, readNamespace(call));
  compileFilter(filter);
  if (!collection) return { n: 0, ok: 1 };
  const skip = readNumber(command.skip, 0);
  const limit = Math.abs(readNumber(command.limit, 0));
  const isWhole = Object.keys(filter).length === 0 && skip === 0 && limit === 0 && !call.transaction && command.hint === undefined;
  if (isWhole) return { n: collection.count, ok: 1 };
  const options = { skip, limit, hint: command.hint, collation: readCollation(command.collation) };
  const query = prepareQuery(getReadContext(call), collection, filter, options);
  let n = 0;
  await collectPatiently(query, call.deadline, () => {
    n += 1;
  });
  return { n, ok: 1 };
}

/** distinct: `{ distinct, key, query, hint, collation }`; elements of arrays count one by one */
export async function distinct(call: Call): Promise<Reply> {
  const { command } = call;
  checkFields(call, ["key", "query", "hint", "collation"]);
  const key = getField(command, "key");
  if (typeof key !== "string") fail(14, "TypeMismatch", "BSON field 'distinct.key' is the wrong type, expected type 'string'");
  const filter: Document = readDocument(command.query, "distinct.query") ?? {};
  const collection = findCollection(call, readNamespace(call));
  compileFilter(filter);
  if (!collection) return { values: [], ok: 1 };
  const collation = readCollation(command.collation) ?? collection.collation;
  const query = prepareQuery(getReadContext(call), collection, filter, { hint: command.hint, collation });
  const values = new Map<string, unknown>();
  let bytes = 0;
  await collectPatiently(query, call.deadline, (found) => {
    for (const reached of pathValues(found.document, key)) {
      for (const value of Array.isArray(reached) ? reached : [reached]) {
        if (value === undefined) continue;
        const name = encodeKey(value, false, collation).toString("latin1");
        if (values.has(name)) continue;
        values.set(name, value);
        bytes += estimateBytes(value);
        if (bytes > MAX_DOCUMENT_BYTES) failLocation(17217, "distinct too big, 16mb cap");
      }
    }
  });
  return { values: [...values.values()].sort((a, b) => compareValues(a, b, collation)), ok: 1 };
}
