/**
 * `npm run data:export -- [--out DIR]`: every collection of the product's database as one file of canonical Extended JSON,
 * a document a line, with a manifest that says what belongs to it. `npm run data:import` reads it again; so does `mongoimport`, but for
 * documents that Extended JSON would change: their lines are `{"$bson": …}`, the bytes themselves.
 *
 * What is guaranteed: the folder appears when everything in it is on the disk, or not at all. The documents are read in one
 * transaction with read concern "snapshot", so that all files show the same moment. Where that cannot be had (a server without
 * transactions, or more than the 60 seconds one may take) it says so, and so does the manifest: then each document is whole, but
 * what was written meanwhile may be in one file and not in another. Collections or indexes that change meanwhile end it.
 */
import { openDatabase, readOption, requireData, resolveFolder, runCommand } from "./data/command";
import { discardDraft, exportDatabase, prepareFolders } from "./data/write-export";

const USAGE = "npm run data:export -- [--out DIR]";
const DEFAULT_FOLDER = "vitrine-export";

async function main(): Promise<void> {
  requireData();
  const folders = prepareFolders(resolveFolder(readOption("out", USAGE) ?? DEFAULT_FOLDER));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      discardDraft(folders);
      process.exit(1);
    });
  }
  try {
    process.stdout.write(`${await exportDatabase(await openDatabase(), folders)}\n`);
  } finally {
    discardDraft(folders);
  }
}

await runCommand(main);
