/**
 * `npm run data:export`, `data:import`, `data:check`: sets up what is missing, then runs `bin/data-<name>.ts` and speaks for it. That
 * one is a process of its own: when the data ends it with a signal there is still a line that says what happened.
 */
import { endDatabase, TYPESCRIPT } from "./support/database.mjs";
import { ensureInstalled } from "./support/install.mjs";
import { endOnSignal } from "./support/lifetime.mjs";
import { endChildren, start } from "./support/process.mjs";
import { requireNode, root } from "./support/project.mjs";
import { main, PlainError } from "./support/say.mjs";

const COMMANDS = ["export", "import", "check"];
const INTERRUPTED = 130;
/** How a process ends when LMDB reads what it never wrote. */
const CRASHES = new Set(["SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP"]);

function describeRest(name) {
  if (name !== "import") return "nothing was changed";
  return "the database may hold a part of it; import again into an empty one (VITRINE_DATA names a folder, MONGODB_URI a database)";
}

const calledFrom = process.cwd();

/** @returns {Promise<{ code: number | null, signal: string | null, problem: string }>} `problem` is what it wrote to stderr */
function runChild(name, args) {
  return new Promise((resolve, reject) => {
    // Folders are named from where the command is given, not from where the project is.
    const env = { VITRINE_EMBEDDED: "1", LOG_LEVEL: "silent", CALLED_FROM: process.env.INIT_CWD ?? calledFrom };
    const child = start(process.execPath, [...TYPESCRIPT, `bin/data-${name}.ts`, ...args], { env });
    let problem = "";
    child.stdout.on("data", (text) => process.stdout.write(text));
    child.stderr.on("data", (text) => {
      problem += text;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, problem }));
  });
}

await main(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (!COMMANDS.includes(name)) throw new PlainError(`usage: node bin/data.mjs ${COMMANDS.join("|")} …`);
  requireNode();
  process.chdir(root);
  await ensureInstalled();
  endOnSignal(async () => {
    await endChildren();
    process.stderr.write(`✗ Interrupted: ${describeRest(name)}\n`);
    process.exit(INTERRUPTED);
  });
  if (name === "check") await endDatabase();
  const { code, signal, problem } = await runChild(name, args);
  if (name !== "check") await endDatabase();
  if (CRASHES.has(signal) || problem.includes("Assertion")) {
    const file = `${process.env.VITRINE_DATA || ".data"}/data.mdb`;
    const how = signal ?? `status ${code}`;
    throw new PlainError(`${file} is damaged: reading it ended the process with ${how}; it was not changed, restore it from a copy`);
  }
  if (signal) throw new PlainError(`Ended by ${signal}: ${describeRest(name)}`);
  process.stderr.write(problem.replace(/^(?=.)/gm, "✗ "));
  process.exitCode = code ?? 1;
});
