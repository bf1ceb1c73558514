import { getField, hasField, serializeDocument, setField, type Document } from "./bson";
import { isDocument, valuesIdentical } from "./values";

/** What was done to one document, collection or database. */
export interface Change {
  kind: "insert" | "update" | "replace" | "delete" | "drop" | "rename" | "dropDatabase";
  namespace: string;
  /** The fields of the event that are the change's own, as bytes: decoded they would take several times the memory. */
  fields: Buffer;
}

export function describeDocument(kind: "insert" | "replace", namespace: string, document: Document): Change {
  return { kind, namespace, fields: serializeDocument({ documentKey: { _id: document._id }, fullDocument: document }) };
}

export function describeDeletion(namespace: string, { _id }: Document): Change {
  return { kind: "delete", namespace, fields: serializeDocument({ documentKey: { _id } }) };
}

/** What an update did to the fields. An array that changed is given as a whole. */
export function describeUpdate(namespace: string, before: Document, after: Document): Change {
  const updatedFields: Document = {};
  const removedFields: string[] = [];
  const compare = (old: Document, now: Document, prefix: string) => {
    for (const name of Object.keys(old)) if (!hasField(now, name)) removedFields.push(prefix + name);
    for (const name of Object.keys(now)) {
      const [was, is] = [getField(old, name), getField(now, name)];
      if (hasField(old, name) && valuesIdentical(was, is)) continue;
      if (isDocument(was) && isDocument(is)) compare(was, is, `${prefix}${name}.`);
      else setField(updatedFields, prefix + name, is);
    }
  };
  compare(before, after, "");
  const updateDescription = { updatedFields, removedFields, truncatedArrays: [] };
  return { kind: "update", namespace, fields: serializeDocument({ documentKey: { _id: after._id }, updateDescription }) };
}

/** A collection or a database that went, or a collection that has another name now. */
export function describeStructure(kind: "drop" | "rename" | "dropDatabase", namespace: string, to?: string): Change {
  const target = to === undefined ? {} : { to: { db: to.slice(0, to.indexOf(".")), coll: to.slice(to.indexOf(".") + 1) } };
  return { kind, namespace, fields: serializeDocument(target) };
}
