import "server-only";
import { DomainError } from "@/server/core/errors";
import type { Ran } from "@/server/modules/predict/runtime";
import type { Question } from "@/server/modules/predict/slow/messages";
import { Runner } from "@/server/modules/predict/slow/runner";

/** Processes for slow models, beside each process that serves. */
const MOST_RUNNERS = 2;
/** A run that takes longer is ended, with its process. So long a call waits for a process that is free. */
const RUN_MS = 4_000;
/** For a process that has to start, and for a model that has to be opened. */
const START_MS = 10_000;
/** A process that nobody needs gives its memory back after that. */
const IDLE_MS = 60_000;

export interface SlowRun extends Omit<Extract<Question, { kind: "run" }>, "kind"> {
  /** The model's file. */
  load: () => Promise<Uint8Array>;
}

async function runIn(runner: Runner, { load, ...asked }: SlowRun): Promise<Ran> {
  const question: Question = { kind: "run", ...asked };
  let reply = await runner.ask(question, runner.isNew ? START_MS : RUN_MS);
  if (reply.kind === "unknown") {
    reply = await runner.ask({ kind: "open", sha256: asked.sha256, file: await load() }, START_MS);
    if (reply.kind === "opened") reply = await runner.ask(question, RUN_MS);
  }
  if (reply.kind === "answered") return reply;
  throw new Error(reply.kind === "failed" ? reply.message : "The runner does not know the model.");
}

function unavailable(cause: unknown): DomainError {
  return new DomainError("model_unavailable", "The model cannot answer at the moment.", { cause });
}

class Runners {
  #count = 0;
  #idle: Runner[] = [];
  readonly #waiting = new Set<() => void>();

  async run(asked: SlowRun): Promise<Ran> {
    const runner = await this.#take();
    try {
      return await runIn(runner, asked);
    } catch (error) {
      throw error instanceof DomainError ? error : unavailable(error);
    } finally {
      this.#giveBack(runner);
    }
  }

  /** The one that was busy last, else a new one, else the next that is free in time. @throws {DomainError} `model_unavailable` */
  async #take(): Promise<Runner> {
    const end = performance.now() + RUN_MS;
    for (;;) {
      const kept = this.#idle.pop();
      if (kept) {
        if (kept.beginWork()) return kept;
        this.#count -= 1;
      } else if (this.#count < MOST_RUNNERS) {
        const made = new Runner();
        this.#count += 1;
        return made;
      } else {
        const left = end - performance.now();
        if (left <= 0) throw unavailable(new Error("No process for slow models became free."));
        await this.#waitForOther(left);
      }
    }
  }

  async #waitForOther(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, milliseconds);
      this.#waiting.add(go);
    });
  }

  #giveBack(runner: Runner): void {
    if (runner.endWork(IDLE_MS)) this.#idle.push(runner);
    else this.#count -= 1;
    const [next] = this.#waiting;
    next?.();
  }
}

/** Next evaluates modules more than once; the runners of a process stay the same ones. */
const holder: typeof globalThis & { vitrineRunners?: Runners } = globalThis;

/**
 * Runs a model in one of a few processes beside this one. None of them has what it takes to reach anything of ours.
 * @throws {DomainError} `model_unavailable`, when the run fails, takes longer than four seconds, or finds no process free so long; or what
 * `load` throws
 */
export async function runElsewhere(asked: SlowRun): Promise<Ran> {
  return (holder.vitrineRunners ??= new Runners()).run(asked);
}
