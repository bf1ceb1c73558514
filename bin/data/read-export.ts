import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parseForDriver, type OrderedDocument } from "@/server/embedded/extended-json";
import { describeReason, PlainFailure } from "./command";
import { MANIFEST, parseManifest, type CollectionEntry, type Manifest } from "./manifest";

const NEWLINE = 10;

/** The lines of a file as bytes, each with its number; the last may lack its newline. */
async function* readLines(file: string, onChunk?: (chunk: Buffer) => void): AsyncGenerator<{ line: string; number: number }> {
  let parts: Buffer[] = [];
  let number = 1;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    onChunk?.(chunk);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      yield { line: Buffer.concat(parts).toString("utf8"), number };
      number += 1;
      parts = [];
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
  }
  const rest = Buffer.concat(parts);
  if (rest.length > 0) yield { line: rest.toString("utf8"), number };
}

/** The documents of an exported file, ready for the driver. `size` is what they take in the file. */
export async function* readDocuments(file: string): AsyncGenerator<{ document: OrderedDocument; size: number }> {
  for await (const { line } of readLines(file)) yield { document: parseForDriver(line), size: line.length };
}

/** @throws PlainFailure that names the file, and the line where there is one */
async function checkFile(folder: string, { file, documents, sha256 }: CollectionEntry): Promise<void> {
  const hash = createHash("sha256");
  let lines = 0;
  for await (const { line, number } of readLines(path.join(folder, file), (chunk) => hash.update(chunk))) {
    try {
      parseForDriver(line);
    } catch (error) {
      throw new PlainFailure(`Nothing was imported: ${file} line ${number}: ${describeReason(error)}`);
    }
    lines = number;
  }
  if (lines !== documents) throw new PlainFailure(`Nothing was imported: ${file} has ${lines} documents, the manifest says ${documents}`);
  if (hash.digest("hex") === sha256) return;
  throw new PlainFailure(`Nothing was imported: ${file} is not the file that was exported (its SHA-256 differs)`);
}

/**
 * Reads everything in an exported folder once.
 * @throws PlainFailure with one line when the manifest, a hash, a count or a line is not right
 */
export async function checkExport(folder: string): Promise<Manifest> {
  const manifest = readManifest(folder);
  for (const entry of manifest.collections) {
    if (!statSync(path.join(folder, entry.file), { throwIfNoEntry: false })?.isFile()) {
      throw new PlainFailure(`Nothing was imported: ${entry.file} is missing in ${folder}`);
    }
    await checkFile(folder, entry);
  }
  return manifest;
}

function readManifest(folder: string): Manifest {
  const file = path.join(folder, MANIFEST);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new PlainFailure(`${folder} holds no exported data: ${MANIFEST} cannot be read there`);
  }
  try {
    return parseManifest(text);
  } catch (error) {
    throw new PlainFailure(`Nothing was imported: ${file} cannot be used: ${describeReason(error)}`);
  }
}
