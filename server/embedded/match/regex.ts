import vm from "node:vm";
import { failLocation } from "../errors";
import { translateRegex } from "./regex-syntax";

/** Steps a backtracking search may need at worst before it is run under a clock. */
const DIRECT_STEPS = 10_000_000;
const TIME_LIMIT_MS = 250;
/** Optional parts and alternatives double the work each. */
const BRANCH_LIMIT = 15;
const NEVER_DIRECT = Number.POSITIVE_INFINITY;

interface Sandbox {
  regex: RegExp | null;
  text: string;
  match: RegExpExecArray | null;
}

let guarded: { context: vm.Context; sandbox: Sandbox; script: vm.Script } | undefined;

/**
 * Compiles a client's pattern to a test that cannot stall the server: searches that could backtrack for long run
 * under a clock and end with code 51156, MongoDB's own for a match limit. Throws 51091 for a malformed pattern.
 */
export function compileRegex(pattern: string, options: string): (text: string) => boolean {
  const regex = buildRegex(pattern, options, "");
  const degree = backtrackingDegree(regex.source);
  return (text) => (isHarmless(degree, text) ? regex.test(text) : execUnderClock(regex, text) !== null);
}

/** Like {@link compileRegex}, but gives the first match at or after a position. */
export function compileSearch(pattern: string, options: string): (text: string, from: number) => RegExpExecArray | null {
  const regex = buildRegex(pattern, options, "g");
  const degree = backtrackingDegree(regex.source);
  return (text, from) => {
    regex.lastIndex = from;
    return isHarmless(degree, text) ? regex.exec(text) : execUnderClock(regex, text);
  };
}

function isHarmless(degree: number, text: string): boolean {
  return degree === 0 || (text.length + 1) ** (degree + 1) <= DIRECT_STEPS;
}

function buildRegex(pattern: string, options: string, mode: "" | "g"): RegExp {
  const { source, flags } = translateRegex(pattern, options);
  try {
    return new RegExp(source, flags + mode);
  } catch (error) {
    return failLocation(51091, `Regular expression is invalid: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** How many open-ended repetitions can compete for the same text; infinite when they nest or refer back. */
function backtrackingDegree(source: string): number {
  const plain = source.replace(/\\[^\d]/g, "_").replace(/\[(?:[^\]\\]|\\.)*\]/g, "_");
  if (/\\[1-9]|\\k</.test(plain)) return NEVER_DIRECT;
  if (/\)(?:[*+]|\{\d+,?\d*\})/.test(plain)) return NEVER_DIRECT;
  const branches = plain.match(/\||[^(*+?}]\?/g) ?? [];
  if (branches.length > BRANCH_LIMIT) return NEVER_DIRECT;
  return (plain.match(/[*+]|\{\d+,\d*\}/g) ?? []).length;
}

// V8 polls for interrupts while it backtracks, so a vm timeout ends a search that nothing else can.
function execUnderClock(regex: RegExp, text: string): RegExpExecArray | null {
  if (!guarded) {
    const sandbox: Sandbox = { regex: null, text: "", match: null };
    guarded = { sandbox, context: vm.createContext(sandbox), script: new vm.Script("match = regex.exec(text)") };
  }
  const { context, sandbox, script } = guarded;
  sandbox.regex = regex;
  sandbox.text = text;
  try {
    script.runInContext(context, { timeout: TIME_LIMIT_MS });
    return sandbox.match;
  } catch {
    return failLocation(51156, "Error occurred while executing regular expression: match limit exceeded");
  } finally {
    sandbox.regex = null;
    sandbox.match = null;
    sandbox.text = "";
  }
}
