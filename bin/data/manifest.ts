import { createHash } from "node:crypto";
import { z } from "zod";
import { parseForDriver } from "@/server/embedded/extended-json";

export const MANIFEST = "manifest.json";
const FORMAT = "vitrine-data";
const VERSION = 1;

/** Options and index definitions are what formatExtendedJson writes, so that the order of an index's fields is kept. */
const ordered = z.unknown().transform((value, context) => {
  try {
    return parseForDriver(JSON.stringify(value ?? null));
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});
const collectionEntry = z.object({
  name: z.string().min(1),
  // A plain name: nothing outside of the folder is read.
  file: z.string().regex(/^[A-Za-z0-9._%~'()*!-]+\.ndjson$/),
  documents: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  options: ordered,
  indexes: z.array(ordered),
});
const manifest = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  sha256: z.string(),
  database: z.string(),
  snapshot: z.boolean(),
  collections: z.array(collectionEntry),
});

/** Of everything the manifest says of the collections: one that was left out, or an index that was changed, is noticed. */
function hashEntries(entries: unknown): string {
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex");
}

/** What lies in a folder of exported data. `snapshot`: all files show the same moment. */
export type Manifest = z.infer<typeof manifest>;
export type CollectionEntry = z.infer<typeof collectionEntry>;

/** One exported collection; options and index definitions are lines of Extended JSON. */
export interface ExportedCollection {
  name: string;
  file: string;
  documents: number;
  sha256: string;
  options: string;
  indexes: string[];
}

export function formatManifest(database: string, snapshot: boolean, collections: ExportedCollection[]): string {
  const entries = collections.map(({ options, indexes, ...entry }) => ({
    ...entry,
    options: JSON.parse(options) as unknown,
    indexes: indexes.map((spec) => JSON.parse(spec) as unknown),
  }));
  const head = { format: FORMAT, version: VERSION, sha256: hashEntries(entries), database, snapshot };
  return `${JSON.stringify({ ...head, collections: entries }, null, 2)}\n`;
}

/** @throws Error with one line when the text is not a manifest this version can read */
export function parseManifest(text: string): Manifest {
  const value: unknown = JSON.parse(text);
  const parsed = manifest.safeParse(value);
  if (parsed.success) {
    const { collections } = value as { collections: unknown };
    if (hashEntries(collections) !== parsed.data.sha256) throw new Error("it is not the manifest that was exported (its SHA-256 differs)");
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join(".") || "it"}: ${issue?.message}`);
}

/** A file name for each collection, also where names differ only by case or hold signs no file can have. */
export function nameFiles(collections: string[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const collection of collections) {
    const base = encodeURIComponent(collection).replace(/^\./, "%2E").slice(0, 100);
    let name = `${base}.ndjson`;
    for (let copy = 2; taken.has(name.toLowerCase()); copy += 1) name = `${base}-${copy}.ndjson`;
    taken.add(name.toLowerCase());
    names.set(collection, name);
  }
  return names;
}
