/**
 * `npm run data:check`: reads everything in the embedded database's folder and says whether it is whole. Changes nothing.
 * Damage inside of a long value is not seen: neither LMDB nor BSON keeps checksums (the product has the SHA-256 of its model files).
 */
import path from "node:path";
import { env } from "@/server/core/env";
import { checkFolder } from "./data/check-folder";
import { PlainFailure, runCommand } from "./data/command";

async function main(): Promise<void> {
  const { uri, dataFolder } = env().database;
  if (uri) throw new PlainFailure("data:check reads the embedded database; with MONGODB_URI set, use MongoDB's own `validate` command");
  const { collections, documents, entries, findings, problems } = await checkFolder(path.resolve(dataFolder));
  if (problems === 0) {
    process.stdout.write(`${collections} collections, ${documents} documents, ${entries} index entries: whole\n`);
    return;
  }
  const more = problems > findings.length ? [`and ${problems - findings.length} more`] : [];
  throw new PlainFailure([...findings, ...more].join("\n"));
}

await runCommand(main);
