import os from "node:os";
import { Binary, Int32, ObjectId } from "bson";
import { randomBytes } from "node:crypto";
import { MAX_DOCUMENT_BYTES, type Document } from "../bson";
import { nextTimestamp } from "../clock";
import type { Reply } from "../reply";
import { MAX_MESSAGE_BYTES } from "../wire";
import { checkFields, findCollection, readNamespace, type Call } from "./call";

/** The MongoDB version whose commands and errors this server follows; drivers choose their dialect by it. */
const VERSION = [8, 0, 15];
const MAX_WIRE_VERSION = 25;
const SET_NAME = "embedded";
const MEASURED_DOCUMENTS = 1000;
/** A later election has a greater id: drivers take a primary with a smaller one for a stale one, also after a restart. */
const electionId = new ObjectId(Date.now().toString(16).padStart(24, "0"));


/**
 * hello and isMaster. Answers as the primary of a replica set of one, at the very address the client used: drivers
 * allow transactions and retries only there. Without `topologyVersion` they poll instead of holding a stream open.
 */
export function hello(call: Call): Reply {
  const { address } = call.server;
  return {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    secondary: false,
    setName: SET_NAME,
    setVersion: 1,
    hosts: [address],
    primary: address,
    me: address,
    electionId,
    lastWrite: { opTime: { ts: nextTimestamp(), t: 1 }, lastWriteDate: new Date() },
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: call.connection.id,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

export function ping(): Reply {
  return { ok: 1 };
}

export function buildInfo(): Reply {
  return {
    version: VERSION.join("."),
    versionArray: [...VERSION, 0],
    gitVersion: "embedded",
    modules: ["embedded"],
    bits: 64,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    storageEngines: ["lmdb"],
    ok: 1,
  };
}

export function connectionStatus(): Reply {
  return { authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 };
}

export function getParameter(): Reply {
  return { featureCompatibilityVersion: { version: "8.0" }, ok: 1 };
}

export function serverStatus(call: Call): Reply {
  const { server } = call;
  return {
    host: os.hostname(),
    version: VERSION.join("."),
    process: "embedded",
    pid: new Int32(process.pid),
    uptime: (Date.now() - server.startedAt) / 1000,
    localTime: new Date(),
    connections: { current: server.connectionCount() },
    mem: { resident: Math.round(process.memoryUsage().rss / 1024 / 1024) },
    metrics: { cursor: { open: { total: server.cursors.size } } },
    storageEngine: { name: "lmdb", persistent: true },
    ok: 1,
  };
}

export function dbStats(call: Call): Reply {
  checkFields(call, ["scale", "freeStorage"]);
  const collections = call.server.engine.catalog.ofDatabase(call.database);
  const sizes = collections.map((collection) => measure(call, collection.namespace));
  const sum = (field: "count" | "size") => sizes.reduce((total, size) => total + size[field], 0);
  return {
    db: call.database,
    collections: collections.length,
    views: 0,
    objects: sum("count"),
    dataSize: sum("size"),
    storageSize: sum("size"),
    indexes: collections.reduce((total, collection) => total + collection.indexes.length, 0),
    indexSize: 0,
    ok: 1,
  };
}

export function collStats(call: Call): Reply {
  checkFields(call, ["scale"]);
  const namespace = readNamespace(call);
  return { ...describeStorage(call, namespace), ok: 1 };
}

/** Count, size and indexes of a collection, as collStats and `$collStats` report them. */
export function describeStorage(call: Call, namespace: string): Document {
  const { count, size } = measure(call, namespace);
  const nindexes = findCollection(call, namespace)?.indexes.length ?? 0;
  return { ns: namespace, count, size, avgObjSize: count > 0 ? Math.round(size / count) : 0, storageSize: size, nindexes, capped: false };
}

/** The size is exact for a small collection and extrapolated from its first documents for a large one. */
function measure(call: Call, namespace: string): { count: number; size: number } {
  const collection = findCollection(call, namespace);
  if (!collection) return { count: 0, size: 0 };
  let bytes = 0;
  let measured = 0;
  for (const { value } of call.server.engine.store.range(collection.documentPrefix, collection.documentEnd)) {
    bytes += value.length;
    measured += 1;
    if (measured === MEASURED_DOCUMENTS) break;
  }
  return { count: collection.count, size: measured === 0 ? 0 : Math.round((bytes / measured) * collection.count) };
}

export function startSession(): Reply {
  return { id: { id: new Binary(randomBytes(16), Binary.SUBTYPE_UUID) }, timeoutMinutes: 30, ok: 1 };
}

export function endSessions(call: Call): Reply {
  const ended = Array.isArray(call.command.endSessions) ? call.command.endSessions : [];
  for (const lsid of ended) call.server.sessions.end(lsid);
  return { ok: 1 };
}

/** killAllSessions, as test suites send it between tests: ends all open transactions. */
export function killAllSessions(call: Call): Reply {
  call.server.sessions.abortAll();
  return { ok: 1 };
}

/** shutdown: ends the server once this reply is on its way. */
export function shutdown(call: Call): Reply {
  call.server.requestStop();
  return { ok: 1 };
}
