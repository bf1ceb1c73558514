import { estimateBytes, type Flow } from "../aggregate/context";
import { getField, type Document } from "../bson";
import { openChangeStream } from "../change-stream";
import type { DocumentSource } from "../cursors";
import { Deadline } from "../deadline";
import { fail, failLocation, failToParse, refuse } from "../errors";
import { runPipeline, splitSink, type PipelineContext } from "../aggregate/pipeline";
import { withCollation, type Variables } from "../expressions/scope";
import { findNow, prepareQuery, runQuery, type PreparedQuery, type QueryOptions } from "../query";
import type { Reply } from "../reply";
import { isDocument, isNumber, toNumber, type Collation } from "../values";
import { describeStorage } from "./admin";
import {
  checkFields,
  findCollection,
  getReadContext,
  readCollation,
  readDocument,
  readFlag,
  readNamespace,
  readNumber,
  readVariables,
  type Call,
} from "./call";
import { drawAll, drawDocuments } from "./find";
import { writeSink } from "./sinks";

const FIELDS = ["pipeline", "cursor", "explain", "allowDiskUse", "bypassDocumentValidation", "collation", "hint", "let"];

/** A pipeline with the stages a query can do taken off its front. */
export interface SplitPipeline {
  filter: Document;
  options: QueryOptions;
  rest: Document[];
}

/** aggregate: leading `$match`, `$sort`, `$skip` and `$limit` use indexes; the rest runs over what they find. */
export async function aggregate(call: Call): Promise<Reply> {
  const { command } = call;
  checkFields(call, FIELDS);
  if (readFlag(command.explain)) refuse("aggregate with explain: true (use the explain command)");
  if (!isDocument(command.cursor)) {
    failToParse("The 'cursor' option is required, except for aggregate with the explain argument");
  }
  const batchSize = command.cursor.batchSize === undefined ? undefined : readNumber(command.cursor.batchSize, 0);
  const { stages, sink } = splitSink(getField(command, "pipeline"));
  const isWholeDatabase = isNumber(command.aggregate);
  const namespace = isWholeDatabase ? `${call.database}.$cmd.aggregate` : readNamespace(call);
  const variables = readVariables(command);
  const collation = readCollation(command.collation);
  const changeStream = stages[0] && getField(stages[0], "$changeStream");
  if (changeStream !== undefined) {
    return watch(call, changeStream, stages.slice(1), { namespace, variables, collation, batchSize });
  }
  if (sink) {
    if (call.transaction) fail(263, "OperationNotSupportedInTransaction", `$${sink.kind} cannot be used in a transaction`);
    const readConcern = readDocument(command.readConcern, "readConcern");
    if (readConcern?.level === "linearizable") {
      fail(72, "InvalidOptions", `$${sink.kind} cannot be used with a 'linearizable' read concern level`);
    }
    await writeSink(call, await drainPatiently(call, runStages(call, namespace, stages, variables, collation)), sink, variables);
    return call.server.cursors.open(namespace, drawAll([]), call.deadline, { batchSize });
  }
  const split = splitPipeline(stages, variables, collation, command.hint);
  const collection = isWholeDatabase ? undefined : findCollection(call, namespace);
  let source: DocumentSource;
  if (collection && split.rest.length === 0) {
    const query = prepareQuery(getReadContext(call), collection, split.filter, split.options);
    source = drawDocuments(query, call.deadline, null);
  } else {
    source = drawAll(runStages(call, namespace, stages, variables, collation));
  }
  return call.server.cursors.open(namespace, source, call.deadline, { batchSize, transaction: call.transaction });
}

interface WatchOptions {
  namespace: string;
  variables: Variables;
  collation: Collation | undefined;
  batchSize: number | undefined;
}

const STREAM_STAGES = new Set(["$match", "$project", "$addFields", "$set", "$unset", "$replaceRoot", "$replaceWith"]);

/** An aggregate that begins with `$changeStream`. */
function watch(call: Call, spec: unknown, stages: Document[], options: WatchOptions): Promise<Reply> {
  const { namespace, variables, collation, batchSize } = options;
  if (call.transaction) fail(263, "OperationNotSupportedInTransaction", "$changeStream cannot be used in a transaction");
  const foreign = stages.map((stage) => Object.keys(stage)[0] ?? "").find((name) => !STREAM_STAGES.has(name));
  if (foreign) fail(20, "IllegalOperation", `${foreign} is not permitted in a $changeStream pipeline`);
  const isCluster = isDocument(spec) && spec.allChangesForCluster === true;
  const isDatabase = isNumber(call.command.aggregate);
  const watched = {
    database: isCluster ? null : call.database,
    collection: isDatabase ? null : namespace.slice(call.database.length + 1),
  };
  const context: PipelineContext = { readCollection: () => [], variables: withCollation(variables, collation), collation };
  runPipeline([], stages, context);
  const { source, tail } = openChangeStream(spec, watched, {
    changes: call.server.engine.changes,
    findById: (name, id) => {
      const collection = call.server.engine.catalog.get(name);
      const query = collection && prepareQuery(call.server.engine.reading, collection, { _id: { $eq: id } }, { limit: 1 });
      return (query && findNow(query, new Deadline())[0]?.document) ?? null;
    },
    process: (event) => runPipeline([event], stages, context),
  });
  return call.server.cursors.open(namespace, source, call.deadline, { batchSize, tail });
}

/** Holds everything, at the expense of the command's budget. */
async function drainPatiently(call: Call, flow: Flow): Promise<Document[]> {
  const documents: Document[] = [];
  for (const document of flow) {
    if (document) {
      call.deadline.charge(estimateBytes(document));
      documents.push(document);
    } else {
      await call.deadline.breathe();
    }
  }
  return documents;
}

/** Documents that come out of the stages. */
function runStages(
  call: Call,
  namespace: string,
  stages: Document[],
  variables: Variables,
  collation: Collation | undefined,
): Flow {
  const special = readSpecialSource(call, namespace, stages[0]);
  const collection = findCollection(call, namespace);
  const effective = collation ?? collection?.collation;
  const context: PipelineContext = {
    readCollection: (name) => readWholeCollection(call, `${call.database}.${name}`),
    variables: withCollation(variables, effective),
    collation: effective,
    budget: call.deadline,
  };
  if (special) return runPipeline(special, stages.slice(1), context);
  const { filter, options, rest } = splitPipeline(stages, variables, collation, call.command.hint);
  if (!collection) return runPipeline([], rest, context);
  const query = prepareQuery(getReadContext(call), collection, filter, options);
  return runPipeline(readDocuments(query, call.deadline), rest, context);
}

/** Stages that make documents of their own instead of reading the collection. */
function readSpecialSource(call: Call, namespace: string, stage: Document | undefined): Document[] | null {
  if (!stage) return null;
  if (getField(stage, "$collStats") !== undefined) {
    const { ns, ...storageStats } = describeStorage(call, namespace);
    return [{ ns, localTime: new Date(), storageStats, count: storageStats.count }];
  }
  if (getField(stage, "$indexStats") !== undefined) {
    const indexes = findCollection(call, namespace)?.indexes ?? [];
    return indexes.map((index) => ({ name: index.name, key: index.key, spec: index.spec, accesses: { ops: 0 } }));
  }
  return getField(stage, "$listLocalSessions") === undefined ? null : [{}];
}

function* readDocuments(query: PreparedQuery, deadline: Deadline): Flow {
  for (const found of runQuery(query, deadline)) yield found?.document;
}

/** For `$lookup` and `$unionWith`: all documents of another collection. */
function readWholeCollection(call: Call, namespace: string): Flow {
  const collection = findCollection(call, namespace);
  return collection ? readDocuments(prepareQuery(getReadContext(call), collection, {}, {}), call.deadline) : [];
}

export function splitPipeline(
  stages: Document[],
  variables: Variables,
  collation: Collation | undefined,
  hint: unknown,
): SplitPipeline {
  const options: QueryOptions = { variables, collation, hint };
  let filter: Document = {};
  let used = 0;
  const take = (name: string): unknown => {
    const stage = stages[used];
    const value = stage && getField(stage, name);
    if (value !== undefined) used += 1;
    return value;
  };
  const match = take("$match");
  if (match !== undefined) filter = readDocument(match, "$match") ?? {};
  const sort = take("$sort");
  if (isDocument(sort)) options.sort = sort;
  else if (sort !== undefined) used -= 1;
  const skip = take("$skip");
  if (isNumber(skip) && toNumber(skip) >= 0) options.skip = Math.trunc(toNumber(skip));
  else if (skip !== undefined) used -= 1;
  const limit = stages[used] && getField(stages[used] ?? {}, "$limit");
  if (isNumber(limit)) {
    if (toNumber(limit) <= 0) failLocation(15958, "the limit must be positive");
    options.limit = Math.trunc(toNumber(limit));
    used += 1;
  }
  return { filter, options, rest: stages.slice(used) };
}
