import path from "node:path";
import { describeReason, PlainFailure, type Database, type OpenDatabase } from "./command";
import { type CollectionEntry, type Manifest } from "./manifest";
import { readDocuments } from "./read-export";

/** A command may have 48 MB and the driver encodes at most 16 MB at once; one document may have 16 MB by itself. */
const BATCH_BYTES = 4 * 1024 * 1024;
const BATCH_DOCUMENTS = 1000;

type Command = Parameters<Database["command"]>[0];

/** @throws PlainFailure that names the collections which are in use, or made differently */
async function checkTarget({ db, where }: OpenDatabase, manifest: Manifest): Promise<void> {
  const used: string[] = [];
  for (const { name } of manifest.collections) {
    if ((await db.collection(name).findOne({}, { projection: { _id: 1 } })) !== null) used.push(name);
  }
  if (used.length === 0) return;
  throw new PlainFailure(
    `Nothing was imported: ${where} has documents in ${used.join(", ")} already; ` +
      "name an empty folder with VITRINE_DATA, or another database with MONGODB_URI",
  );
}

async function makeCollection(db: Database, { name, options }: CollectionEntry): Promise<void> {
  const [existing] = await db.listCollections({ name }, { nameOnly: true }).toArray();
  if (existing && options.size === 0) return;
  await db.command(Object.fromEntries([["create", name], ...options]) as Command);
}

async function insertBatch(db: Database, name: string, documents: unknown[]): Promise<void> {
  const command = { insert: name, documents, ordered: true, bypassDocumentValidation: true };
  const reply = await db.command(command as Command);
  const [problem] = (reply.writeErrors ?? []) as { errmsg?: string }[];
  if (problem) throw new Error(problem.errmsg ?? "a document was refused");
}

async function loadDocuments(db: Database, folder: string, { name, file }: CollectionEntry): Promise<void> {
  let batch: unknown[] = [];
  let bytes = 0;
  for await (const { document, size } of readDocuments(path.join(folder, file))) {
    if (batch.length === BATCH_DOCUMENTS || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
      await insertBatch(db, name, batch);
      batch = [];
      bytes = 0;
    }
    batch.push(document);
    bytes += size;
  }
  if (batch.length > 0) await insertBatch(db, name, batch);
}

async function buildIndexes(db: Database, { name, indexes }: CollectionEntry): Promise<void> {
  const own = indexes.filter((spec) => spec.get("name") !== "_id_");
  if (own.length > 0) await db.command({ createIndexes: name, indexes: own } as Command);
}

async function checkCount(db: Database, { name, documents }: CollectionEntry): Promise<void> {
  const found = await db.collection(name).countDocuments();
  if (found !== documents) throw new Error(`it has ${found} documents where ${documents} were exported; did somebody write meanwhile?`);
}

async function importCollection(db: Database, folder: string, entry: CollectionEntry): Promise<void> {
  await loadDocuments(db, folder, entry);
  await buildIndexes(db, entry);
  await checkCount(db, entry);
}

/**
 * Puts an exported folder, which has been checked, into a database that has no documents in its collections.
 * @returns one line that says how much it was
 * @throws PlainFailure with one line that says how far it came
 */
export async function importDatabase(opened: OpenDatabase, folder: string, manifest: Manifest): Promise<string> {
  await checkTarget(opened, manifest);
  // All of them first: an option the database does not take is found while nothing is loaded.
  for (const entry of manifest.collections) await makeCollection(opened.db, entry);
  const done: string[] = [];
  for (const entry of manifest.collections) {
    try {
      await importCollection(opened.db, folder, entry);
    } catch (error) {
      throw new PlainFailure(
        `The import stopped in ${entry.name}: ${describeReason(error)}; whole: ${done.join(", ") || "none"}. ` +
          `Import again into an empty database (VITRINE_DATA names a folder, MONGODB_URI a database), not into ${opened.where}`,
      );
    }
    done.push(entry.name);
  }
  const documents = manifest.collections.reduce((sum, entry) => sum + entry.documents, 0);
  return `${done.length} collections, ${documents} documents of ${folder} are in ${opened.where}`;
}
