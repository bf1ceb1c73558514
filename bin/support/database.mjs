import { run } from "./process.mjs";
import { PlainError, say, step } from "./say.mjs";

/** What the project's TypeScript commands run with: `react-server` is the condition under which `server-only` lets a module in. */
export const TYPESCRIPT = ["--conditions=react-server", "--import", "tsx"];

/** The sentence of a failure without its stack. */
export function sentenceOf(output) {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const thrown = lines.find((line) => /^\w*Error\b[^:]*: /.test(line));
  return thrown?.replace(/^\w*Error\b[^:]*: /, "") ?? lines.at(-1) ?? "no reason was given";
}

/** Which database the commands use: the server that MONGODB_URI names, or the embedded one and where its files lie. */
export function describeDatabase() {
  return process.env.MONGODB_URI
    ? "the database that MONGODB_URI names"
    : `the embedded database in ${process.env.VITRINE_DATA || ".data"}`;
}

/**
 * Starts the database where none is named, and loads the demo models into it; a second time it finds nothing to do.
 * @throws {PlainError} one line that says why the database or a model cannot be used
 */
export async function loadDemoModels() {
  await step(`Loading the demo models into ${describeDatabase()}`, async () => {
    const result = await run(process.execPath, [...TYPESCRIPT, "bin/load-demo.ts"], { env: { VITRINE_EMBEDDED: "1" } });
    if (result.code !== 0) throw new PlainError(`The demo models could not be loaded: ${sentenceOf(result.stderr)}`);
    for (const line of result.stdout.split("\n").filter(Boolean)) say(`  ${line}`);
  });
}

/**
 * Makes the console's first operator where nobody is one yet.
 * @returns {Promise<{ email: string, password: string, expires_at: string } | null>} what to tell; null when there is nothing to tell
 * @throws {PlainError} one line that says why nobody could be made
 */
export async function ensureFirstOperator() {
  const result = await run(process.execPath, [...TYPESCRIPT, "bin/first-operator.ts"]);
  if (result.code !== 0) throw new PlainError(`The console's first operator could not be made: ${sentenceOf(result.stderr)}`);
  const line = result.stdout.split("\n").find((text) => text.startsWith("{"));
  return line ? JSON.parse(line) : null;
}

/** What to say about the console's way in. */
export function describeConsole(address, operator) {
  if (!operator) return `${address}/admin`;
  const until = operator.expires_at ? `until ${operator.expires_at.slice(0, 10)}, or ` : "";
  return `${address}/admin  as ${operator.email}, password ${operator.password}  (${until}until you choose your own; a restart tells a new one)`;
}

/** Ends the embedded server of this data folder, unless somebody else uses it. */
export async function endDatabase() {
  if (process.env.MONGODB_URI) return;
  await run(process.execPath, [...TYPESCRIPT, "bin/end-database.ts", process.env.VITRINE_DATA || ".data"]);
}
