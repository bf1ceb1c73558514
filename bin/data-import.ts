/**
 * `npm run data:import -- --from DIR`: puts what `npm run data:export` wrote into the product's database.
 *
 * First everything is read once: the manifest, the hash of every file, every line. Nothing is changed when anything is off, or when
 * one of the collections has documents already. Then collections are made, documents loaded in batches as they were (types, order of
 * fields), indexes built and the documents counted. A failure in between says what has been loaded and how to begin again.
 */
import { openDatabase, PlainFailure, readOption, resolveFolder, runCommand } from "./data/command";
import { importDatabase } from "./data/load-export";
import { checkExport } from "./data/read-export";

const USAGE = "npm run data:import -- --from DIR";

async function main(): Promise<void> {
  const from = readOption("from", USAGE);
  if (from === undefined) throw new PlainFailure(`usage: ${USAGE}`);
  const folder = resolveFolder(from);
  const manifest = await checkExport(folder);
  process.stdout.write(`${await importDatabase(await openDatabase(), folder, manifest)}\n`);
}

await runCommand(main);
