import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { closeDatabase, database } from "@/server/core/db";
import { env } from "@/server/core/env";
import { ensureEmbedded } from "@/server/embedded/ensure";

/** A failure whose message is all the reader needs. */
export class PlainFailure extends Error {}

export type Client = ReturnType<Awaited<ReturnType<typeof database>>["getClient"]>;
export type Database = ReturnType<Client["db"]>;

/** The product's database, by the ordinary driver. */
export interface OpenDatabase {
  client: Client;
  db: Database;
  /** For messages. */
  where: string;
}

export async function openDatabase(): Promise<OpenDatabase> {
  const connection = await database();
  const { uri, dataFolder } = env().database;
  const client = connection.getClient();
  const name = connection.name;
  const where = uri ? `the database ${name} that MONGODB_URI names` : `the embedded database in ${dataFolder}`;
  return { client, db: client.db(name), where };
}

/** The value of the command's only option. @throws PlainFailure when anything else was given */
export function readOption(name: string, usage: string): string | undefined {
  try {
    return parseArgs({ options: { [name]: { type: "string" } } }).values[name];
  } catch (error) {
    throw new PlainFailure(`${error instanceof Error ? error.message.split(". ")[0] : String(error)}; usage: ${usage}`);
  }
}

/** The first line of what went wrong. */
export function describeReason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

/** @throws PlainFailure when there is no embedded data: it would be made, and found to be empty */
export function requireData(): void {
  const { uri, dataFolder } = env().database;
  const file = path.join(dataFolder, "data.mdb");
  if (!uri && !existsSync(file)) throw new PlainFailure(`There is no data: ${file} does not exist; VITRINE_DATA names the folder`);
}

/** A folder as it was named, from where the command was given. */
export function resolveFolder(folder: string): string {
  return path.resolve(process.env.CALLED_FROM ?? ".", folder);
}

/** Runs a command; whatever goes wrong is one line on stderr (what data:check finds: one each) and exit status 1. */
export async function runCommand(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${await describeFailure(error)}\n`);
    process.exitCode = 1;
  } finally {
    await closeDatabase();
  }
}

async function describeFailure(error: unknown): Promise<string> {
  if (error instanceof PlainFailure) return error.message;
  const message = describeReason(error);
  if (message.startsWith("Configuration: ") || env().database.uri) return message;
  // The embedded server may have ended over what it was asked to read: starting it again says so.
  try {
    const { dataFolder, embeddedInProduction } = env().database;
    await ensureEmbedded(dataFolder, { allowInProduction: embeddedInProduction });
    return message;
  } catch (damage) {
    return damage instanceof Error ? damage.message : message;
  }
}

/** What went wrong with a file or folder, in words. */
export function describeFileProblem(error: unknown, what: string): PlainFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  if (code === "ENOSPC" || code === "EDQUOT") return new PlainFailure(`the disk of ${what} is full`);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return new PlainFailure(`${what} cannot be written to (${message})`);
  return new PlainFailure(`${what}: ${message}`);
}
