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

/** @returns {Promise<{ code: number | null, signal: string | null, problem: string }>} `problem` is what it wrote to stderr */
function runChild(name, args) {
  return new Promise((resolve, reject) => {
    const env = { VITRINE_EMBEDDED: "1", LOG_LEVEL: "silent" };
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
    const rest = name === "import" ? "the database may hold a part of it; drop those collections and import again" : "nothing was changed";
    process.stderr.write(`✗ Interrupted: ${rest}\n`);
    process.exit(INTERRUPTED);
  });
  if (name === "check") await endDatabase();
  const { code, signal, problem } = await runChild(name, args);
  if (name !== "check") await endDatabase();
  if (signal || problem.includes("Assertion")) {
    const file = `${process.env.VITRINE_DATA || ".data"}/data.mdb`;
    const how = signal ?? `status ${code}`;
    throw new PlainError(`${file} is damaged: reading it ended the process with ${how}; it was not changed, restore it from a copy`);
  }
  process.stderr.write(problem.replace(/^(?=.)/gm, "✗ "));
  process.exitCode = code ?? 1;
});
