import { spawn } from "node:child_process";
import { inProject, root } from "./project.mjs";

/** Children that run now. Each leads a process group of its own, so that ending it ends whatever it started. */
const running = new Set();
/** Children that were told to end: nobody may take that for a failure of theirs. */
const dismissed = new WeakSet();

/** Sends a signal to a child and everything it started; a group that is gone already is no error. */
export function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Ends every child: politely at first, by force after `graceMs`. */
export async function endChildren(graceMs = 3_000) {
  await Promise.all(
    [...running].map(async (child) => {
      dismissed.add(child);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const force = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
      signalGroup(child, "SIGTERM");
      await ended;
      clearTimeout(force);
      signalGroup(child, "SIGKILL");
    }),
  );
}

/** Starts a command in the project's folder. `onOutput` gets what it writes as it comes. */
export function start(command, args, { env = {}, cwd = root, onOutput } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.stdout.setEncoding("utf8");
  child.stderr.setEncoding("utf8");
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => onOutput?.(text));
  child.once("exit", () => running.delete(child));
  child.once("error", () => running.delete(child));
  return child;
}

/**
 * Runs a command to its end.
 * @returns {Promise<{ code: number, stdout: string, stderr: string, output: string }>} code 127 when it cannot be
 *   started, 1 when a signal ended it; a command that {@link endChildren} ended is never heard of again
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = start(command, args, options);
    const result = { code: 1, stdout: "", stderr: "", output: "" };
    child.stdout.on("data", (text) => {
      result.stdout += text;
      result.output += text;
    });
    child.stderr.on("data", (text) => {
      result.stderr += text;
      result.output += text;
    });
    child.once("error", (error) => resolve({ ...result, code: 127, output: error.message, stderr: error.message }));
    child.once("close", (code) => {
      if (!dismissed.has(child)) resolve({ ...result, code: code ?? 1 });
    });
  });
}

/** The command line tool of an installed package, as arguments for Node: no shell, no `npx`. */
export function tool(...pathInModules) {
  return [inProject("node_modules", ...pathInModules)];
}
