import type { Engine } from "./engine";
import { UnitContext } from "./unit";

interface Waiting {
  run(context: UnitContext): unknown;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** How long one group may keep the process busy. */
const GROUP_MS = 8;

/**
 * Units that are asked for at the same moment share one store transaction, and so one wait for the disk. Each is nested in it: one
 * that fails takes only its own writes with it. None is told that it is done before the whole group is committed.
 */
export class CommitGroup {
  private waiting: Waiting[] = [];

  constructor(private readonly engine: Engine) {}

  run<T>(work: (context: UnitContext) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ run: work, resolve: resolve as (result: unknown) => void, reject });
      if (this.waiting.length === 1) setImmediate(() => this.runSoon());
    });
  }

  /** Connections are looked at once more: what came in while the first unit was read was sent in the same moment as often as not. */
  private runSoon(): void {
    setImmediate(() => this.runWaiting());
  }

  /** Runs what waits at once, all of it: for an engine that closes. */
  finish(): void {
    while (this.waiting.length > 0) this.runNext();
  }

  private runWaiting(): void {
    if (this.waiting.length > 0) this.runNext();
    if (this.waiting.length > 0) setImmediate(() => this.runWaiting());
  }

  private runNext(): void {
    const [only] = this.waiting;
    if (only && this.waiting.length === 1) {
      this.waiting = [];
      this.runAlone(only);
    } else {
      this.runTogether();
    }
  }

  private runAlone({ run, resolve, reject }: Waiting): void {
    try {
      resolve(this.engine.runUnit(run));
    } catch (error) {
      reject(error);
    }
  }

  private runTogether(): void {
    const end = performance.now() + GROUP_MS;
    const done: { unit: Waiting; context: UnitContext; result: unknown }[] = [];
    let hasBegun = false;
    try {
      this.engine.store.txn(() => {
        hasBegun = true;
        while (performance.now() < end) {
          const unit = this.waiting.shift();
          if (!unit) break;
          const context = new UnitContext(this.engine);
          try {
            done.push({ unit, context, result: this.engine.store.nested(() => context.run(unit.run)) });
          } catch (error) {
            context.undoCatalog?.();
            unit.reject(error);
          }
        }
      });
    } catch (error) {
      for (const { unit, context } of done.toReversed()) {
        context.undoCatalog?.();
        unit.reject(error);
      }
      if (!hasBegun) for (const unit of this.waiting.splice(0)) unit.reject(error);
      return;
    }
    for (const { unit, context, result } of done) {
      context.publish();
      unit.resolve(result);
    }
  }
}
