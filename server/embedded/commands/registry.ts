import * as admin from "./admin";
import { aggregate } from "./aggregate";
import { bulkWrite } from "./bulk-write";
import type { Handler } from "./call";
import * as collections from "./collections";
import { count, distinct } from "./count";
import { deleteDocuments } from "./delete";
import { explain } from "./explain";
import { findAndModify } from "./find-and-modify";
import { find, getMore, killCursors } from "./find";
import * as indexes from "./indexes";
import { insert } from "./insert";
import * as transactions from "./transactions";
import { update } from "./update";

interface CommandEntry {
  /** The name replies and error labels go by; aliases such as `isMaster` have another's. */
  name: string;
  run: Handler;
  isAllowedInTransaction: boolean;
  /** With a transaction number it must be applied once, however often it is sent. */
  isRetryableWrite: boolean;
}

function plain(name: string, run: Handler): CommandEntry {
  return { name, run, isAllowedInTransaction: false, isRetryableWrite: false };
}

function transactional(name: string, run: Handler): CommandEntry {
  return { name, run, isAllowedInTransaction: true, isRetryableWrite: false };
}

function retryable(name: string, run: Handler): CommandEntry {
  return { name, run, isAllowedInTransaction: true, isRetryableWrite: true };
}

const ENTRIES: CommandEntry[] = [
  plain("hello", admin.hello),
  plain("ping", admin.ping),
  plain("buildInfo", admin.buildInfo),
  plain("connectionStatus", admin.connectionStatus),
  plain("getParameter", admin.getParameter),
  plain("serverStatus", admin.serverStatus),
  plain("dbStats", admin.dbStats),
  plain("collStats", admin.collStats),
  plain("startSession", admin.startSession),
  plain("endSessions", admin.endSessions),
  plain("killAllSessions", admin.killAllSessions),
  plain("shutdown", admin.shutdown),
  plain("listDatabases", collections.listDatabases),
  plain("listCollections", collections.listCollections),
  transactional("create", collections.create),
  plain("collMod", collections.collMod),
  plain("drop", collections.drop),
  plain("dropDatabase", collections.dropDatabase),
  plain("renameCollection", collections.renameCollection),
  transactional("createIndexes", indexes.createIndexes),
  plain("listIndexes", indexes.listIndexes),
  plain("dropIndexes", indexes.dropIndexes),
  retryable("insert", insert),
  retryable("update", update),
  retryable("delete", deleteDocuments),
  retryable("findAndModify", findAndModify),
  retryable("bulkWrite", bulkWrite),
  transactional("find", find),
  transactional("getMore", getMore),
  transactional("killCursors", killCursors),
  transactional("aggregate", aggregate),
  transactional("distinct", distinct),
  plain("count", count),
  plain("explain", explain),
  transactional("commitTransaction", transactions.commitTransaction),
  transactional("abortTransaction", transactions.abortTransaction),
];

const ALIASES: [alias: string, name: string][] = [
  ["ismaster", "hello"],
  ["isMaster", "hello"],
  ["buildinfo", "buildInfo"],
  ["findandmodify", "findAndModify"],
  ["dbstats", "dbStats"],
  ["collstats", "collStats"],
  ["deleteIndexes", "dropIndexes"],
];

const commands = new Map(ENTRIES.map((entry) => [entry.name, entry]));
for (const [alias, name] of ALIASES) {
  const entry = commands.get(name);
  if (entry) commands.set(alias, entry);
}

export function findCommand(name: string): CommandEntry | undefined {
  return commands.get(name);
}
