/** What the figures say, in Markdown: for the terminal, and for the block of README between its two markers. */
import { judgeFloors } from "./floors.mjs";
import { addFailures, showFailures, showSpread } from "./numbers.mjs";
import { PlainError } from "../support/say.mjs";
import { sections } from "./sections.mjs";
import { drawTable } from "./table.mjs";

const MARKERS = ["<!-- bench -->", "<!-- /bench -->"];
/** From this share of a core on the load tool may be what is slow. */
const BUSY = 0.9;
/** More than this share of a core by other programs makes figures worse than they are. */
const DISTURBED = 0.1;

const measurementsOf = ({ rounds, windows }) => windows ?? rounds.flatMap((round) => Object.values(round));

const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

function describeRun({ measured, setting }) {
  const { date, commit, node, cores, processor, system } = measured;
  const { rounds, seconds, connections } = setting;
  const at = commit ? `, commit ${commit.id}${commit.changed ? " and changes since" : ""}` : "";
  const how = `${count(rounds, "round")} of ${seconds} s in turn, ${count(connections, "connection")}`;
  return `${date}${at}; Node ${node}, ${system}, ${count(cores, "core")} (${processor}); ${how}.`;
}

/** What makes figures worse, or less than they could be. @returns {string[]} sentences */
export function findDoubts({ rounds, windows, measured }, titles = {}) {
  const all = measurementsOf({ rounds, windows });
  const busy = Object.keys(rounds?.[0] ?? {}).filter((name) => rounds.some((round) => round[name].loadShare > BUSY));
  const failed = showFailures(addFailures(all));
  const others = Math.max(0, ...all.map(({ othersShare }) => othersShare ?? 0));
  const doubts = [];
  if (busy.length > 0) {
    const names = busy.map((name) => titles[name] ?? name).join(", ");
    doubts.push(`The load tool took more than ${BUSY * 100} % of a core at: ${names}. That could carry more than is shown.`);
  }
  if (failed) doubts.push(`Calls ${failed}.`);
  if (others > DISTURBED) {
    doubts.push(`The machine was not quiet: other programs took up to ${others.toFixed(1)} of its ${measured.cores} cores.`);
  }
  return doubts;
}

function describePart(name, part) {
  const { title, describe, titles } = sections[name];
  const doubts = findDoubts(part, titles).map((doubt) => `- ${doubt}`);
  return [`**${title}**`, "", ...describe(part), ...(doubts.length > 0 ? ["", ...doubts] : []), ""];
}

/** One line where all parts were measured in one run, otherwise one for each. */
function describeRuns(parts) {
  const runs = Object.entries(parts).map(([name, part]) => [sections[name].title, describeRun(part)]);
  const [[, first]] = runs;
  if (runs.every(([, run]) => run === first)) return [`Measured ${first}`];
  return runs.map(([title, run]) => `- ${title}: measured ${run}`);
}

function describePeer(parts) {
  const peer = parts.targets?.measured.peer;
  return peer ? ["", `FastAPI with ${Object.entries(peer).map(([name, version]) => `${name} ${version}`).join(", ")}.`] : [];
}

/** @param {Record<string, object>} parts what was measured, by name @returns {string[]} lines of Markdown */
export function writeReport(parts) {
  const ordered = Object.fromEntries(Object.keys(sections).flatMap((name) => (parts[name] ? [[name, parts[name]]] : [])));
  if (Object.keys(ordered).length === 0) return [];
  const floors = judgeFloors(ordered).map(({ sentence, spread, holds }) => [sentence, showSpread(spread), holds ? "yes" : "NO"]);
  return [
    ...describeRuns(ordered),
    ...describePeer(ordered),
    "",
    "Each figure is the middle of the rounds, in brackets the least and the most of them.",
    "",
    ...Object.entries(ordered).flatMap(([name, part]) => describePart(name, part)),
    ...(floors.length > 0 ? ["**What it must show**", "", ...drawTable(["floor", "measured", "held"], floors)] : []),
  ];
}

/** What a reader of the project wants to know first: one row in one call, beside what it is compared with. */
export function writeSummary(parts) {
  const { targets } = parts;
  if (!targets) return [];
  const shown = { targets };
  const all = "All figures, and the floors they are held to, reached or not: [bench/results.md](bench/results.md).";
  return [...describeRuns(shown), ...describePeer(shown), "", ...describePart("targets", targets), all];
}

/** @throws {PlainError} when the text has not both markers */
export function replaceBlock(text, lines) {
  const [begin, finish] = MARKERS;
  const [from, to] = [text.indexOf(begin), text.indexOf(finish)];
  if (from < 0 || to < from) throw new PlainError(`README.md has no place for the figures: ${begin} and ${finish}.`);
  return `${text.slice(0, from + begin.length)}\n${lines.join("\n")}\n${text.slice(to)}`;
}
