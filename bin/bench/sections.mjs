/** Each part's title and tables. */
import { documentRate, driftOf, rate, rowRate } from "./floors.mjs";
import {
  cpuPerCall,
  divide,
  showNumber,
  showRate,
  showSpread,
  summarise,
  summariseRatio,
  summariseTarget,
  toMebibytes,
} from "./numbers.mjs";
import { drawTable } from "./table.mjs";

const TARGETS = {
  visitor: "Our API, visitor",
  key: "Our API, key, limits, history, metrics",
  nextVisitor: "Next as its host, visitor",
  nextKey: "Next as its host, key and all",
  bare: "bare `node:http`, the same bytes",
  peer: "FastAPI + scikit-learn",
  peerHealth: "FastAPI `/health`",
};
const CLIENTS = { trpc: "`predict.run` by tRPC's client", rest: "REST by `fetch`" };
const STARTS = { api: "API", nextApi: "API, Next as its host", site: "site", admin: "console", all: "all in one" };

const DATABASE = {
  disk: "the disk alone, a page",
  ping: "ping",
  findOne: "findOne by _id",
  insertOne: "insertOne",
  findOneAndUpdate: "findOneAndUpdate by _id",
  insertMany: "insertMany",
  pingWhileScanning: "ping during an unindexed scan",
  start: "after a clean stop",
  startAfterKill: "after kill -9",
};

const COLUMNS = [
  ["calls/s", rate, showRate],
  ["p50 ms", ({ p50 }) => p50, showNumber],
  ["p99 ms", ({ p99 }) => p99, showNumber],
  ["CPU µs a call", cpuPerCall("serverCpu"), showNumber],
  ["database's CPU µs a call", cpuPerCall("databaseCpu"), showNumber],
  ["MiB", ({ serverBytes }) => toMebibytes(serverBytes), showRate],
];

/** Calls of visitors leave the database next to nothing to do. */
const OF_VISITORS = COLUMNS.filter(([title]) => !title.startsWith("database"));

const namesOf = ({ rounds }) => Object.keys(rounds[0] ?? {});

/** One line for each target, one column for each figure. */
function drawTargets({ rounds }, titles, columns, first = "") {
  const names = namesOf({ rounds });
  const cells = (name) => columns.map(([, read, show]) => showSpread(summariseTarget(rounds, name, read), show));
  return drawTable([first, ...columns.map(([title]) => title)], names.map((name) => [titles[name] ?? name, ...cells(name)]));
}

function describeTargets({ rounds }) {
  const names = namesOf({ rounds });
  const against = ["peer", "peerHealth", "bare"].filter((name) => names.includes(name));
  const ours = ["visitor", "key", "nextVisitor", "nextKey"].filter((name) => names.includes(name));
  const times = (spread) => (spread ? `${showSpread(spread)} ×` : "–");
  const compare = (title, compareOne) => {
    const lines = ours.map((name) => [TARGETS[name], ...against.map((other) => times(compareOne(name, other)))]);
    return drawTable([title, ...against.map((name) => TARGETS[name])], lines);
  };
  const missing = ["", "FastAPI or scikit-learn was not there: left out (bench/README.md says how to install them)."];
  return [
    ...drawTargets({ rounds }, TARGETS, COLUMNS),
    ...(names.includes("peer") ? [] : missing),
    "",
    ...compare("calls/s as a multiple of", (name, other) => summariseRatio(rounds, name, other, rate)),
    "",
    ...compare("calls for the server's CPU time of one of", (name, other) => summariseRatio(rounds, other, name, cpuPerCall("serverCpu"))),
  ];
}

function describeClients({ rounds }) {
  const load = ["client's share of a core", ({ loadShare }) => loadShare, showNumber];
  return drawTargets({ rounds }, CLIENTS, [...COLUMNS.slice(0, 4), load]);
}

/** The names of such targets end in a number: "stored-10". */
const numberIn = (name) => Number(name.split("-").at(-1)).toLocaleString("en-US");

/** Some of the targets, as a part of their own. */
const only = (rounds, names) => rounds.map((round) => Object.fromEntries(names.map((name) => [name, round[name]])));

function describeRows({ rounds }) {
  const columns = (kind) => [
    [`${kind}: rows/s`, rowRate, showRate],
    [`${kind}: CPU µs a row`, (measured) => divide(cpuPerCall("serverCpu")(measured), measured.rows), showNumber],
    [`${kind}: p50 ms`, ({ p50 }) => p50, showNumber],
  ];
  const sizes = namesOf({ rounds }).flatMap((name) => (name.startsWith("visitor-") ? [name.split("-")[1]] : []));
  const onAllCores = namesOf({ rounds }).filter((name) => name.startsWith("cores-"));
  const cells = (kind, size) => columns(kind).map(([, read, show]) => showSpread(summariseTarget(rounds, `${kind}-${size}`, read), show));
  const head = ["rows a call", ...["visitor", "key"].flatMap((kind) => columns(kind).map(([title]) => title))];
  const titles = Object.fromEntries(onAllCores.map((name) => [name, `${numberIn(name)} rows a call`]));
  return [
    ...drawTable(head, sizes.map((size) => [Number(size).toLocaleString("en-US"), ...cells("visitor", size), ...cells("key", size)])),
    "",
    ...drawTargets({ rounds: only(rounds, onAllCores) }, titles, columns("visitor"), "one API process a core"),
  ];
}

function describeNumbered(first, columns) {
  return ({ rounds }) => {
    const titles = Object.fromEntries(namesOf({ rounds }).map((name) => [name, numberIn(name)]));
    return drawTargets({ rounds }, titles, columns, first);
  };
}

function describeStarts({ rounds }) {
  const columns = [
    ["ready after ms", ({ readyMs }) => readyMs, showRate],
    ["first prediction ms after that", ({ firstMs }) => firstMs, showRate],
  ];
  return drawTargets({ rounds }, STARTS, columns, "process");
}

function describeDatabase({ rounds }) {
  const [starts, asked] = [["start", "startAfterKill"], namesOf({ rounds }).filter((name) => !name.startsWith("start"))];
  const speed = [
    ["documents/s", documentRate, showRate],
    ["p50 ms", ({ p50 }) => p50, showNumber],
    ["p99 ms", ({ p99 }) => p99, showNumber],
    ["slowest ms", ({ slowest }) => slowest, showNumber],
    ["CPU µs", cpuPerCall("serverCpu"), showNumber],
  ];
  const state = [
    ["ready after ms", ({ readyMs }) => readyMs, showRate],
    ["idle MiB", ({ residentBytes }) => toMebibytes(residentBytes), showRate],
  ];
  return [
    ...drawTargets({ rounds: only(rounds, asked) }, DATABASE, speed, "one connection, one after the other"),
    "",
    ...drawTargets({ rounds: only(rounds, starts) }, DATABASE, state, "start with 100,000 documents"),
  ];
}

function describeSoak({ windows, callsPerSecond, setting }) {
  const line = (title, read, show) => {
    const drift = driftOf(windows, read);
    const change = drift ? `${((drift.median - 1) * 100).toFixed(1)} %` : "–";
    return [title, showSpread(summarise(windows.map(read)), show), change];
  };
  return [
    `${showRate(callsPerSecond)} calls/s asked for, ${setting.minutes} minutes.`,
    "",
    ...drawTable(["", "each half minute", "change, first to last quarter"], [
      line("calls/s", rate, showRate),
      line("p50 ms", ({ p50 }) => p50, showNumber),
      line("p99 ms", ({ p99 }) => p99, showNumber),
      line("MiB", ({ serverBytes }) => toMebibytes(serverBytes), showRate),
      line("database's MiB", ({ databaseBytes }) => toMebibytes(databaseBytes), showRate),
    ]),
  ];
}

/** In the order in which they are told. */
export const sections = {
  targets: { title: "One row in one call", describe: describeTargets, titles: TARGETS },
  clients: { title: "Programs in Node", describe: describeClients, titles: CLIENTS },
  rows: { title: "Rows in one call", describe: describeRows },
  models: { title: "Calls spread over models", describe: describeNumbered("models", OF_VISITORS) },
  history: { title: "Stored predictions", describe: describeNumbered("stored before", COLUMNS) },
  starts: { title: "Cold start", describe: describeStarts, titles: STARTS },
  database: { title: "The embedded database alone", describe: describeDatabase, titles: DATABASE },
  soak: { title: "Half of full load for long", describe: describeSoak },
};
