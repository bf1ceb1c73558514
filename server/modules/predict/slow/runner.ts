import "server-only";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import { type Question, reply, type Reply } from "@/server/modules/predict/slow/messages";

/** What all models of a runner may have together, and what Node and the engine, or what reads TypeScript, reserve beside that. */
const MEMORY_MIB = 4_096;
const BUNDLE_MIB = 1_024;
const SOURCE_MIB = 14_336;
const HEAP_MIB = 512;

/** The process is gone, most often because its run took too long. */
export class RunnerEnded extends Error {
  override readonly name = "RunnerEnded";
}

interface Program {
  arguments: string[];
  /** In MiB. */
  reserves: number;
}

/** How the program is started: from the bundle of a build, or from its source where there is one. Null: not at all. */
function findProgram(): Program | null {
  // Not for the bundler to follow: it is a program of its own.
  const root = /* turbopackIgnore: true */ process.cwd();
  const bundle = path.join(root, ".cache", "predict-runner.mjs");
  if (env().production) return existsSync(bundle) ? { arguments: [bundle], reserves: BUNDLE_MIB } : null;
  const source = path.join(root, "server", "modules", "predict", "slow", "main.ts");
  return { arguments: ["--conditions=react-server", "--import", "tsx", source], reserves: SOURCE_MIB };
}

/** Whether models can be run outside this process. */
export function hasRunners(): boolean {
  return !env().serverless && process.platform !== "win32" && findProgram() !== null;
}

/** Little memory, nothing of our environment, and behind the models that are quick. @throws {DomainError} `model_unavailable` */
function startProgram(): ChildProcess {
  const program = findProgram();
  if (!program) throw new DomainError("model_unavailable", "The model cannot answer at the moment.");
  const limits = `ulimit -c 0; ulimit -v ${(MEMORY_MIB + program.reserves) * 1024}; exec nice -n 5 "$0" "$@"`;
  // The handler would reserve 8 GiB more for every WebAssembly module.
  const flags = [`--max-old-space-size=${HEAP_MIB}`, "--disable-wasm-trap-handler"];
  return spawn("/bin/sh", ["-c", limits, process.execPath, ...flags, ...program.arguments], {
    cwd: /* turbopackIgnore: true */ process.cwd(),
    // The inference engine would send statistics about itself to its maker. What it writes may hold what was sent.
    env: { NODE_ENV: "production", PATH: "/usr/local/bin:/usr/bin:/bin", ORT_DISABLE_TELEMETRY: "1" },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
    windowsHide: true,
  });
}

/** A process that runs one model at a time. It does not keep the service from ending, and ends with it. */
export class Runner {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  #settle: (message: Reply) => void = () => undefined;
  #isOver = false;
  #isNew = true;
  #idle: NodeJS.Timeout | undefined;

  /** @throws {DomainError} `model_unavailable`, when there is no such program */
  constructor() {
    this.#child = startProgram();
    this.#ended = new Promise<never>((_resolve, reject) => {
      const end = () => {
        this.#isOver = true;
        reject(new RunnerEnded("The process of a slow model has ended."));
      };
      this.#child.once("exit", end).once("error", end);
    });
    this.#ended.catch(() => undefined);
    this.#child.on("message", (message) => {
      const { success, data } = reply.safeParse(message);
      if (success) this.#settle(data);
      else this.#end();
    });
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** Whether it has answered nothing yet. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** @param patienceMs after that the process is killed. @throws {RunnerEnded} */
  async ask(question: Question, patienceMs: number): Promise<Reply> {
    const replied = new Promise<Reply>((resolve) => {
      this.#settle = resolve;
    });
    const timer = setTimeout(() => this.#end(), patienceMs);
    try {
      // What cannot be sent any more is known by the end of the process.
      this.#child.send(question, () => undefined);
      const answer = await Promise.race([replied, this.#ended]);
      this.#isNew = false;
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @returns whether it is still there */
  beginWork(): boolean {
    clearTimeout(this.#idle);
    return !this.#isOver;
  }

  /** @param idleMs how long it stays without work. @returns whether it is still there */
  endWork(idleMs: number): boolean {
    this.#idle = setTimeout(() => this.#end(), idleMs).unref();
    return !this.#isOver;
  }

  #end(): void {
    this.#isOver = true;
    this.#child.kill("SIGKILL");
  }
}
