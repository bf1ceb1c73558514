/** What processes cost, as Linux tells it below /proc; elsewhere every answer is null. */
import { readdirSync, readFileSync } from "node:fs";

/** Linux counts CPU time in hundredths of a second, on every architecture (USER_HZ). */
const TICKS = 100;
/** Of the fields behind the name in /proc/PID/stat (proc_pid_stat(5)): the parent, time in user and in kernel mode. */
const [PARENT, USER, KERNEL] = [1, 11, 12];

function read(file) {
  try {
    return readFileSync(`/proc/${file}`, "utf8");
  } catch {
    return null;
  }
}

/** The name may hold spaces and brackets: fields are counted from its last bracket on. */
export function parseStat(text) {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[PARENT]), cpuSeconds: (Number(fields[USER]) + Number(fields[KERNEL])) / TICKS };
}

/** A process and everything it started, as far as it runs. @param {number[]} without these, with what they started */
function listTree(pid, without) {
  const children = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const text = read(`${name}/stat`);
    if (text === null) continue;
    const { parent } = parseStat(text);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (root) => (without.includes(root) ? [] : [root, ...(children.get(root) ?? []).flatMap(below)]);
  return below(pid);
}

/**
 * What a process has cost so far, with everything it started.
 * @param {{ pid: number, without?: number[] }} which `without`: what it started but what is counted elsewhere
 * @returns {{ cpuSeconds: number, residentBytes: number } | null}
 */
export function readCost({ pid, without = [] }) {
  if (process.platform !== "linux") return null;
  const sum = { cpuSeconds: 0, residentBytes: 0 };
  for (const each of listTree(pid, without)) {
    const [stat, status] = [read(`${each}/stat`), read(`${each}/status`)];
    if (stat === null || status === null) continue;
    sum.cpuSeconds += parseStat(stat).cpuSeconds;
    sum.residentBytes += Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  }
  return sum;
}

/** Seconds that all cores together have worked since the machine started; waiting for a disk is no work. */
export function readBusySeconds() {
  const line = read("stat")?.split("\n")[0];
  if (!line) return null;
  const [user, nice, system, _idle, _iowait, irq, softirq] = line.trim().split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / TICKS;
}
