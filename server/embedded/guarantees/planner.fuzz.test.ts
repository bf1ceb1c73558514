import { EJSON } from "bson";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serializeDocument, type Document } from "../bson";
import { compileFilter } from "../match/filter";
import { compileProjection } from "../project";
import { compileSort, sortDocuments } from "../sort";
import { parseCollation, toNumber } from "../values";
import { InProcessServer } from "./in-process";
import {
  beginTransaction,
  endTransaction,
  makeFilterFor,
  makeSample,
  makeWrite,
  readWhole,
  type Sample,
} from "./random-collections";
import { makeCollation, makeProjection, makeSort } from "./random-queries";
import { Random } from "./random-values";
import { SEED } from "./settings";
import { findIndexFaults } from "./stored-indexes";
import { codeOf } from "./support";

const COLLECTIONS = 50;
const QUERIES = 200;
const WRITES = 400;

let server: InProcessServer;

beforeAll(() => {
  server = new InProcessServer();
});

afterAll(async () => {
  await server.close();
});

interface Query {
  filter: Document;
  sort?: Document;
  isTotal: boolean;
  skip: number;
  limit: number;
  projection?: Document;
  collation?: Document;
}

function makeQuery(random: Random, sample: Sample): Query {
  const { sort, isTotal } = random.oneIn(2) ? makeSort(random, sample.indexes) : { isTotal: false };
  return {
    filter: makeFilterFor(random, sample),
    sort,
    isTotal,
    skip: random.oneIn(4) ? random.below(6) : 0,
    limit: random.oneIn(3) ? 1 + random.below(8) : 0,
    projection: random.oneIn(4) && (isTotal || !sort) ? makeProjection(random) : undefined,
    collation: pickCollation(random, sample),
  };
}

/** Often that of an index, which is not used otherwise. */
function pickCollation(random: Random, { indexes }: Sample): Document | undefined {
  if (indexes.length === 0 || random.oneIn(4)) return makeCollation(random);
  return (random.pick(indexes).collation as Document | undefined) ?? (random.oneIn(3) ? { locale: "simple" } : undefined);
}

/** The same question as find or as a pipeline. */
function buildCommand(random: Random, sample: Sample, query: Query): Document {
  const { filter, sort, skip, limit, projection, collation } = query;
  const common = { collation, hint: pickHint(random, sample), ...sample.transaction };
  if (projection || !random.oneIn(4)) {
    const batchSize = random.oneIn(4) ? 3 : 1000;
    return { find: sample.name, filter, sort, skip, limit, projection, batchSize, ...common };
  }
  const pipeline: Document[] = [{ $match: filter }];
  if (sort) pipeline.push({ $sort: sort });
  if (skip > 0) pipeline.push({ $skip: skip });
  if (limit > 0) pipeline.push({ $limit: limit });
  return { aggregate: sample.name, pipeline, cursor: { batchSize: 1000 }, ...common };
}

/** Mostly none. A hinted sparse or partial index may leave documents out, in MongoDB too. */
function pickHint(random: Random, { indexes }: Sample): unknown {
  if (random.oneIn(8)) return { $natural: random.pick([1, -1]) };
  const whole = indexes.filter((index) => !index.sparse && !index.partialFilterExpression);
  return random.oneIn(4) && whole.length > 0 ? random.pick(whole).name : undefined;
}

const show = (value: unknown) => EJSON.stringify(value, { relaxed: false });
const encode = (document: Document) => serializeDocument(document).toString("latin1");

/** Says what is wrong with an answer, by looking at every document in turn; `undefined` when it is right. */
function findMistake(sample: Sample, query: Query, answer: Document[]): string | undefined {
  const collation = parseCollation(query.collation ?? sample.collation);
  const matching = sample.documents.filter(compileFilter(query.filter, { collation }));
  const end = query.limit > 0 ? query.skip + query.limit : matching.length;
  const expectedCount = Math.max(0, Math.min(matching.length, end) - query.skip);
  if (answer.length !== expectedCount) return `${answer.length} documents instead of ${expectedCount}`;
  const sorter = query.sort && compileSort(query.sort, collation);
  const sorted = (sorter ? sortDocuments(matching, sorter, (document) => document) : matching).slice(query.skip, end);
  const project = compileProjection(query.projection, { filter: query.filter, collation }) ?? ((document: Document) => document);
  if (query.isTotal) {
    const at = sorted.findIndex((document, i) => encode(project(document)) !== encode(answer[i] ?? {}));
    return at === -1 ? undefined : `position ${at}: ${show(answer[at])} instead of ${show(project(sorted[at] ?? {}))}`;
  }
  if (sorter) {
    const at = sorted.findIndex((document, i) => sorter.compareKeys(sorter.keyOf(document), sorter.keyOf(answer[i] ?? {})) !== 0);
    if (at !== -1) return `position ${at}: ${show(answer[at])} instead of ${show(sorted[at])}`;
  }
  const rest = matching.map((document) => encode(project(document)));
  for (const document of answer) {
    const at = rest.indexOf(encode(document));
    if (at === -1) return `${show(document)} is not an answer, or comes twice`;
    rest.splice(at, 1);
  }
  return undefined;
}

/** Whether a document that is to be sorted has two arrays where the sort has its fields. */
function isSortRefused(sample: Sample, query: Query): boolean {
  const collation = parseCollation(query.collation ?? sample.collation);
  const sorter = query.sort && compileSort(query.sort, collation);
  const matching = sample.documents.filter(compileFilter(query.filter, { collation }));
  return sorter !== undefined && matching.some((document) => codeOf(() => sorter.keyOf(document)) === 2);
}

/** In a transaction a refusal would be its end: there it is not asked for. */
async function findMissingRefusal(sample: Sample, command: Document): Promise<string | undefined> {
  if (Object.keys(sample.transaction).length > 0) return undefined;
  return toNumber((await server.send(command)).code) === 2 ? undefined : "a sort by two arrays is not refused";
}

async function checkQuery(random: Random, sample: Sample, query: Query): Promise<string[]> {
  const command = buildCommand(random, sample, query);
  const mistake = isSortRefused(sample, query)
    ? await findMissingRefusal(sample, command)
    : findMistake(sample, query, await server.readAll(command));
  if (!mistake) return [];
  const { queryPlanner } = await server.send({ explain: command });
  const about = { EMBEDDED_SEED: SEED, command, collation: sample.collation, indexes: sample.indexes, queryPlanner };
  return [`${mistake}\n${show(about)}`];
}

async function usesIndex(sample: Sample, { filter, sort, collation }: Query): Promise<boolean> {
  const reply = await server.send({ explain: { find: sample.name, filter, sort, collation }, verbosity: "queryPlanner" });
  return show(reply).includes("IXSCAN");
}

describe(`the planner (EMBEDDED_SEED=${SEED})`, () => {
  it("answers 10,000 random queries with any indexes, also in transactions, exactly as looking at every document does", async () => {
    const random = new Random(SEED);
    const mistakes: string[] = [];
    let indexed = 0;
    for (let round = 0; round < COLLECTIONS && mistakes.length < 5; round += 1) {
      const isInTransaction = round % 5 === 4;
      const plain = await makeSample(server, random, `sample_${round}`, !isInTransaction);
      const sample = isInTransaction ? await beginTransaction(server, random, plain, round) : plain;
      for (let count = 0; count < QUERIES; count += 1) {
        const query = makeQuery(random, sample);
        mistakes.push(...(await checkQuery(random, sample, query)));
        if (count % 20 === 0 && (await usesIndex(sample, query))) indexed += 1;
      }
      if (isInTransaction) await endTransaction(server, sample, random.pick(["commitTransaction", "abortTransaction"]));
    }
    expect(mistakes.slice(0, 5).join("\n\n")).toBe("");
    // Otherwise the test would say little about indexes.
    expect(indexed / (COLLECTIONS * (QUERIES / 20))).toBeGreaterThan(0.2);
    expect(findIndexFaults(server.engine)).toEqual([]);
  }, 60_000);

  it("makes 400 random writes change exactly what they change in a copy without indexes", async () => {
    const random = new Random(SEED + 1);
    for (let round = 0; round < 10; round += 1) {
      const sample = await makeSample(server, random, `written_${round}`, false);
      const copy = { ...sample, name: `copy_${round}` };
      await server.expectOk({ create: copy.name, collation: copy.collation });
      await server.expectOk({ insert: copy.name, documents: sample.documents });
      for (let count = 0; count < WRITES / 10; count += 1) {
        const write = makeWrite(random, sample);
        const [command = ""] = Object.keys(write);
        const about = `EMBEDDED_SEED=${SEED} ${show({ write, collation: sample.collation, indexes: sample.indexes })}`;
        const [here, there] = [await server.expectOk(write), await server.expectOk({ ...write, [command]: copy.name })];
        expect(show(here), about).toBe(show(there));
        expect(show(await readWhole(server, sample)), about).toBe(show(await readWhole(server, copy)));
      }
    }
    expect(findIndexFaults(server.engine)).toEqual([]);
  }, 60_000);
});
