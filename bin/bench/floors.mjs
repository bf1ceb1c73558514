/** What the figures must show at least, each in one run: a part, a sentence, the figure, and whether it is enough. */
import { addFailures, summarise, summariseRatio, summariseTarget } from "./numbers.mjs";

export const rate = ({ callsPerSecond }) => callsPerSecond;
const p99 = (measured) => measured.p99;
export const rowRate = ({ callsPerSecond, rows }) => callsPerSecond * rows;
export const documentRate = ({ callsPerSecond, documents }) => callsPerSecond * documents;
const readyTime = ({ readyMs }) => readyMs;

const most = (limit) => (value) => value <= limit;
const least = (limit) => (value) => value >= limit;
const share = (limit) => (value) => Math.abs(value - 1) < limit;

const ratio = (name, against, read = rate) => ({ rounds }) => summariseRatio(rounds, name, against, read);
const figure = (name, read) => ({ rounds }) => summariseTarget(rounds, name, read);

/** The first tenth of a long run counts as warm-up. */
const WARM_UP = 0.1;

/** How much more a figure is at the end of a long run than at its beginning: middle of the last quarter over that of the first. */
export function driftOf(windows, read) {
  const values = windows.slice(Math.ceil(windows.length * WARM_UP)).map(read);
  const quarter = Math.floor(values.length / 4);
  if (quarter === 0) return null;
  const [first, last] = [summarise(values.slice(0, quarter)), summarise(values.slice(-quarter))];
  return first && last ? summarise([last.median / first.median]) : null;
}

const drift = (read) => ({ windows }) => driftOf(windows, read);
const failed = ({ windows }) => summarise([Object.values(addFailures(windows)).reduce((sum, count) => sum + count, 0)]);

/** What may never be exceeded is judged by the worst round. */
const worst = (name, read) => ({ rounds }) => summarise([Math.max(...rounds.map((round) => read(round[name])))]);
const restingMegabytes = ({ residentBytes }) => (residentBytes === null ? null : residentBytes / 1e6);

const floors = [
  ["targets", "Visitor: at least 60 × FastAPI + scikit-learn", ratio("visitor", "peer"), least(60)],
  ["targets", "Visitor: at least 4 × bare FastAPI", ratio("visitor", "peerHealth"), least(4)],
  ["targets", "Visitor: at least 0.4 × bare node:http", ratio("visitor", "bare"), least(0.4)],
  ["targets", "Key, everything on: at least 25 × FastAPI + scikit-learn", ratio("key", "peer"), least(25)],
  ["targets", "Key, everything on: at least 1.3 × bare FastAPI", ratio("key", "peerHealth"), least(1.3)],
  ["targets", "Key, everything on: p99 at most 0.1 × that of FastAPI + scikit-learn", ratio("key", "peer", p99), most(0.1)],
  ["targets", "Next as host, key: at least 2 × FastAPI + scikit-learn", ratio("nextKey", "peer"), least(2)],
  ["clients", "tRPC by its client, unbatched: at least 0.6 × REST", ratio("trpc", "rest"), least(0.6)],
  ["rows", "1,000 rows in one call: at least 200,000 rows/s", figure("visitor-1000", rowRate), least(200_000)],
  ["rows", "The same, one API process a core", figure("cores-1000", rowRate), least(200_000)],
  ["history", "1,000,000 stored against 10: less than 10 % off", ratio("stored-1000000", "stored-10"), share(0.1)],
  ["starts", "API: ready after at most 400 ms", figure("api", readyTime), most(400)],
  ["starts", "API: first prediction at most 100 ms after that", figure("api", ({ firstMs }) => firstMs), most(100)],
  ["database", "findOne by _id: at least 2,500/s", figure("findOne", rate), least(2_500)],
  ["database", "insertOne: at least 1,000/s", figure("insertOne", rate), least(1_000)],
  ["database", "findOneAndUpdate: at least 1,200/s", figure("findOneAndUpdate", rate), least(1_200)],
  ["database", "insertMany: at least 30,000 documents/s", figure("insertMany", documentRate), least(30_000)],
  ["database", "Ping during an unindexed scan, the slowest: at most 50 ms", worst("pingWhileScanning", ({ slowest }) => slowest), most(50)],
  ["database", "Ready with 100,000 documents: at most 1,000 ms", figure("start", readyTime), most(1_000)],
  ["database", "The same after kill -9: at most 1,000 ms", figure("startAfterKill", readyTime), most(1_000)],
  ["database", "Idle: at most 150 MB", figure("startAfterKill", restingMegabytes), most(150)],
  ["soak", "Memory at the end: less than 5 % more", drift(({ serverBytes }) => serverBytes), (value) => value < 1.05],
  ["soak", "p99 at the end: less than 10 % off", drift(p99), share(0.1)],
  ["soak", "Failed calls: none", failed, most(0)],
];

/**
 * @param {Record<string, object>} parts what was measured
 * @returns {{ sentence: string, spread: object, holds: boolean }[]} those that can be judged by it, by the middle of the rounds
 */
export function judgeFloors(parts) {
  return floors.flatMap(([part, sentence, read, isEnough]) => {
    const spread = parts[part] ? read(parts[part]) : null;
    return spread ? [{ sentence, spread, holds: isEnough(spread.median) }] : [];
  });
}
