import { parseArgs } from "node:util";
import { PlainError } from "../support/say.mjs";

/** Everything that can be measured; the soak takes long, so it is asked for by its minutes. */
export const PARTS = ["targets", "clients", "rows", "models", "history", "starts", "database"];
/** What the figures in bench/results.json are measured with; less is for trying things out. */
const USUAL = { rounds: 5, seconds: 5, connections: 32 };
const WARM_UP_SECONDS = 1;

const USUALLY = Object.entries(USUAL).map(([name, value]) => `[--${name} ${value}]`);
const USAGE = `npm run bench -- [--only ${PARTS.join(",")}] [--soak MINUTES] ${USUALLY.join(" ")} [--stored 10,1000] [--write] [--own-node]`;

/** @throws {PlainError} when it is no number above 0 */
function readNumber(name, text, { whole = true } = {}) {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value) && (!whole || Number.isInteger(value))) return value;
  throw new PlainError(`--${name} takes a ${whole ? "whole " : ""}number above 0, not "${text}".`);
}

function readParts(only, soak) {
  if (only === undefined) return soak === undefined ? PARTS : [];
  const names = only.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !PARTS.includes(name));
  if (unknown.length > 0) throw new PlainError(`--only knows ${PARTS.join(", ")}, not ${unknown.join(", ")}.`);
  return PARTS.filter((name) => names.includes(name));
}

function parse(args) {
  const text = { type: "string" };
  const usual = { rounds: text, seconds: text, connections: text };
  const flag = { type: "boolean", default: false };
  const options = { ...usual, only: text, soak: text, stored: text, write: flag, "own-node": flag };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new PlainError(`${error.message}\n${USAGE}`);
  }
}

/**
 * What the command line asks for. Figures are written down when they were measured as usual, or when `--write` says so.
 * @throws {PlainError} one line that says what is wrong
 */
export function readOptions(args) {
  const values = parse(args);
  const { only, soak, stored } = values;
  const setting = {
    rounds: readNumber("rounds", values.rounds ?? USUAL.rounds),
    seconds: readNumber("seconds", values.seconds ?? USUAL.seconds, { whole: false }),
    connections: readNumber("connections", values.connections ?? USUAL.connections),
  };
  const { rounds, seconds, connections } = setting;
  const asUsual = rounds >= USUAL.rounds && seconds >= USUAL.seconds && connections === USUAL.connections && stored === undefined;
  return {
    parts: readParts(only, soak),
    soakMinutes: soak === undefined ? null : readNumber("soak", soak, { whole: false }),
    sizes: stored?.split(",").map((size) => readNumber("stored", size)),
    setting: { ...setting, warmUpSeconds: Math.min(WARM_UP_SECONDS, setting.seconds) },
    write: values.write || asUsual,
    onOwnNode: values["own-node"],
  };
}
