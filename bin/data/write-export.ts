import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmdirSync, rmSync, type Stats, statSync } from "node:fs";
import path from "node:path";
import { formatExtendedJson, sliceField } from "@/server/embedded/extended-json";
import { describeFileProblem, PlainFailure, type Database, type OpenDatabase } from "./command";
import { LineFile } from "./line-file";
import { formatManifest, MANIFEST, nameFiles, type ExportedCollection } from "./manifest";

const BATCH_DOCUMENTS = 1000;
/** No transactions here (20, 263), or this one took too long (43, 246, 251, 290). */
const NO_SNAPSHOT = new Set([20, 43, 246, 251, 263, 290]);

type Session = ReturnType<OpenDatabase["client"]["startSession"]>;
type Described = Pick<ExportedCollection, "name" | "options" | "indexes">;

/** Where the export is written, and where it appears when it is whole. */
export interface Folders {
  draft: string;
  target: string;
}

/** Names, options and indexes. Bytes are asked for: the order of an index's fields is the stored one. */
async function describeCollections(db: Database): Promise<Described[]> {
  const listed = await db.listCollections({}, { nameOnly: true }).toArray();
  const own = listed.filter(({ name }) => !name.startsWith("system."));
  const other = own.find(({ type }) => type !== "collection");
  if (other) throw new PlainFailure(`${other.name} is a ${other.type}; data:export carries plain collections only, use mongodump`);
  const described: Described[] = [];
  for (const name of own.map((collection) => collection.name).sort()) {
    const [info] = (await db.listCollections({ name }, { raw: true }).toArray()) as unknown as Uint8Array[];
    const specs = (await db.collection(name).listIndexes({ raw: true }).toArray()) as unknown as Uint8Array[];
    const options = info && sliceField(info, "options");
    described.push({ name, options: options ? formatLine(options) : "{}", indexes: specs.map(formatLine) });
  }
  return described;
}

function formatLine(bytes: Uint8Array): string {
  return formatExtendedJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

async function exportCollection(
  db: Database,
  { name, options, indexes }: Described,
  file: string,
  folders: Folders,
  session: Session | undefined,
): Promise<ExportedCollection> {
  const lines = new LineFile(folders.draft, file, folders.target);
  try {
    let documents = 0;
    for await (const document of db.collection(name).find({}, { raw: true, session, batchSize: BATCH_DOCUMENTS })) {
      lines.add(`${formatLine(document as unknown as Uint8Array)}\n`);
      documents += 1;
    }
    return { name, file, documents, sha256: lines.finish(), options, indexes };
  } finally {
    lines.close();
  }
}

async function exportAll({ client, db }: OpenDatabase, folders: Folders, isSnapshot: boolean): Promise<ExportedCollection[]> {
  const described = await describeCollections(db);
  const files = nameFiles(described.map(({ name }) => name));
  const session = isSnapshot ? client.startSession() : undefined;
  const exported: ExportedCollection[] = [];
  try {
    session?.startTransaction({ readConcern: { level: "snapshot" } });
    for (const collection of described) {
      exported.push(await exportCollection(db, collection, files.get(collection.name) ?? "", folders, session));
    }
  } finally {
    await session?.abortTransaction().catch(() => undefined);
    await session?.endSession();
  }
  if (JSON.stringify(await describeCollections(db)) !== JSON.stringify(described)) {
    throw new PlainFailure("Nothing was exported: collections or indexes changed meanwhile; try again");
  }
  const manifest = new LineFile(folders.draft, MANIFEST, folders.target);
  try {
    manifest.add(formatManifest(db.databaseName, isSnapshot, exported));
    manifest.finish();
  } finally {
    manifest.close();
  }
  return exported;
}

/** @throws PlainFailure unless the folder is missing or empty */
export function prepareFolders(target: string): Folders {
  const info = look(target);
  if (info && !info.isDirectory()) throw new PlainFailure(`${target} is not a folder; name another one with --out`);
  if (info && readdirSync(target).length > 0) throw new PlainFailure(`${target} is not empty; name another folder with --out`);
  const folders = { target, draft: path.join(path.dirname(target), `.${path.basename(target)}.unfinished-${process.pid}`) };
  makeDraft(folders);
  return folders;
}

/** What is there; below something that is no folder, newer versions of Node find nothing, older ones fail. */
function look(target: string): Stats | undefined {
  try {
    return statSync(target, { throwIfNoEntry: false });
  } catch (error) {
    throw describeFileProblem(error, target);
  }
}

function makeDraft({ draft, target }: Folders): void {
  try {
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(path.dirname(draft), { recursive: true });
    mkdirSync(draft);
  } catch (error) {
    throw describeFileProblem(error, target);
  }
}

/** The whole folder gets its name in one step. */
function publish({ draft, target }: Folders): void {
  try {
    syncFolder(draft);
    if (statSync(target, { throwIfNoEntry: false })) rmdirSync(target);
    renameSync(draft, target);
    syncFolder(path.dirname(target));
  } catch (error) {
    throw describeFileProblem(error, target);
  }
}

function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Whatever became of it: nothing is left that is not whole. */
export function discardDraft({ draft }: Folders): void {
  rmSync(draft, { recursive: true, force: true });
}

/**
 * Writes the whole database into the prepared folder, which appears when everything is on the disk.
 * @returns one line that says how much it was, and of which moment
 * @throws PlainFailure or the driver's error; then the folder is as it was before
 */
export async function exportDatabase(opened: OpenDatabase, folders: Folders): Promise<string> {
  let isSnapshot = true;
  const exported = await exportAll(opened, folders, true).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? Number(error.code) : 0;
    if (!NO_SNAPSHOT.has(code)) throw error;
    isSnapshot = false;
    makeDraft(folders);
    return exportAll(opened, folders, false);
  });
  publish(folders);
  const documents = exported.reduce((sum, collection) => sum + collection.documents, 0);
  const amount = `${exported.length} collections, ${documents} documents`;
  const moment = isSnapshot ? "all of one moment" : "not all of one moment, since no snapshot could be had: export while nobody writes";
  return `${amount} of ${opened.where} are in ${folders.target}; ${moment}`;
}
