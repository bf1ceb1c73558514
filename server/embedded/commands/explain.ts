import { getField, type Document } from "../bson";
import { splitSink } from "../aggregate/pipeline";
import type { Index } from "../indexes";
import type { Plan } from "../planner";
import { collectPatiently, prepareQuery, type PreparedQuery, type QueryOptions } from "../query";
import type { Reply } from "../reply";
import { fail, failToParse } from "../errors";
import { isDocument } from "../values";
import {
  checkFields,
  findCollection,
  getReadContext,
  readCollation,
  readDocument,
  readVariables,
  type Call,
} from "./call";
import { splitPipeline } from "./aggregate";
import { readQueryOptions } from "./find";

/** explain: how a find, aggregate, count, distinct, update, delete or findAndModify would look for its documents. */
export async function explain(call: Call): Promise<Reply> {
  checkFields(call, ["verbosity"]);
  const explained = readDocument(call.command.explain, "explain") ?? {};
  const name = Object.keys(explained)[0] ?? "";
  const { filter, options } = readExplained(name, explained);
  const namespace = `${call.database}.${String(explained[name])}`;
  const collection = findCollection(call, namespace);
  if (!collection) return { queryPlanner: { namespace, winningPlan: { stage: "EOF" } }, ok: 1 };
  const query = prepareQuery(getReadContext(call), collection, filter, options);
  const reply: Document = { queryPlanner: { namespace, parsedQuery: filter, winningPlan: describePlan(query) } };
  if (call.command.verbosity !== "queryPlanner") {
    const startedAt = performance.now();
    const found = await collectPatiently(query, call.deadline, () => true);
    const examined = query.counters.documentsExamined;
    reply.executionStats = {
      executionSuccess: true,
      nReturned: found.length,
      executionTimeMillis: Math.round(performance.now() - startedAt),
      totalKeysExamined: query.plan.index || query.plan.branches ? examined : 0,
      totalDocsExamined: examined,
    };
  }
  return { ...reply, ok: 1 };
}

function readExplained(name: string, command: Document): { filter: Document; options: QueryOptions } {
  const collation = readCollation(command.collation);
  const plain = { hint: command.hint, collation };
  switch (name) {
    case "find":
      return { filter: readDocument(command.filter, "filter") ?? {}, options: readQueryOptions(command) };
    case "aggregate":
      return splitPipeline(splitSink(getField(command, "pipeline")).stages, readVariables(command), collation, command.hint);
    case "count":
    case "distinct":
    case "findAndModify":
      return { filter: readDocument(command.query, "query") ?? {}, options: plain };
    case "update":
    case "delete": {
      const statements = name === "update" ? command.updates : command.deletes;
      const statement: unknown = Array.isArray(statements) ? statements[0] : undefined;
      if (!isDocument(statement)) return failToParse(`explain needs one statement of ${name}`);
      return { filter: readDocument(statement.q, "q") ?? {}, options: { ...plain, hint: statement.hint } };
    }
    default:
      return fail(59, "CommandNotFound", `Explain failed due to unknown command: ${name}`);
  }
}

function describePlan({ plan, sorter }: PreparedQuery): Document {
  const direction = plan.reverse ? "backward" : "forward";
  const access = describeAccess(plan, direction);
  return sorter ? { stage: "SORT", inputStage: access } : access;
}

function describeAccess(plan: Plan, direction: string): Document {
  const { index, branches, ranges } = plan;
  if (branches) {
    const inputStages = branches.flatMap((branch) => (branch.index ? describeScan(branch.index, branch.ranges.length, direction) : []));
    return { stage: "FETCH", inputStage: { stage: "OR", inputStages } };
  }
  return index ? { stage: "FETCH", inputStage: describeScan(index, ranges.length, direction) } : { stage: "COLLSCAN", direction };
}

function describeScan(index: Index, ranges: number, direction: string): Document {
  return {
    stage: "IXSCAN",
    indexName: index.name,
    keyPattern: index.key,
    isMultiKey: index.multikey,
    isUnique: index.unique,
    isSparse: index.sparse,
    isPartial: index.partialFilter !== undefined,
    direction,
    ranges,
  };
}
