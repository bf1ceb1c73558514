import "server-only";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { MAX_ROWS, type Row } from "@/lib/contracts/predict";
import { DomainError } from "@/server/core/errors";
import { answersRowByRow } from "@/server/modules/predict/row-by-row";
import { type Scored, scoreRows } from "@/server/modules/predict/rows";
import type { OpenModel } from "@/server/modules/predict/runtime";

/** Whoever has waited longer for slow runs of others is refused: by then most callers have given up. */
const WAIT_MS = 8_000;

interface Call {
  rows: Row[];
  since: number;
  resolve: (scored: Scored) => void;
  reject: (error: unknown) => void;
}

function refuseLate({ since, reject }: Call): boolean {
  if (performance.now() - since <= WAIT_MS) return false;
  const cause = new Error("Too many slow runs were under way.");
  reject(new DomainError("model_unavailable", "The model cannot answer at the moment.", { cause }));
  return true;
}

/** When everything that has arrived by now has been looked at. */
const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Runs the calls for one model with one schema. A run costs much more than a row, so the calls that have come while another run was under
 * way, or in the same turn of the event loop, go as one; nobody waits for others to come.
 */
class Batcher {
  readonly #model: OpenModel;
  readonly #schema: ModelSchema;
  #waiting: Call[] = [];
  #isWorking = false;
  /** Rows of several calls in one run; 0 where each call runs alone. Unknown until the first call. */
  #shared: number | undefined;

  constructor(model: OpenModel, schema: ModelSchema) {
    this.#model = model;
    this.#schema = schema;
  }

  score(rows: Row[]): Promise<Scored> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, since: performance.now(), resolve, reject });
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    this.#shared ??= (await answersRowByRow(this.#model, this.#schema)) ? MAX_ROWS : 0;
    while (this.#waiting.length > 0) {
      await endOfTurn();
      await this.#run(this.#take(this.#shared));
    }
    this.#isWorking = false;
  }

  /** The calls that came first, as many as may go together; the first one however large it is. */
  #take(most: number): Call[] {
    let rows = 0;
    const end = this.#waiting.findIndex((call, index) => (rows += call.rows.length) > most && index > 0);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  /** Never throws. When several calls fail together, each is run alone, so that only those fail that do so by themselves. */
  async #run(taken: Call[]): Promise<void> {
    const calls = taken.filter((call) => !refuseLate(call));
    const rows = calls.flatMap((call) => call.rows);
    if (rows.length === 0) return;
    try {
      const { answers, seconds } = await scoreRows(this.#model, this.#schema, rows);
      let from = 0;
      for (const call of calls) {
        const { length } = call.rows;
        call.resolve({ answers: answers.slice(from, from + length), seconds: (seconds * length) / rows.length });
        from += length;
      }
    } catch (error) {
      const [first, ...others] = calls;
      if (others.length === 0) first?.reject(error);
      else for (const call of calls) await this.#run([call]);
    }
  }
}

const batchers = new WeakMap<OpenModel, WeakMap<ModelSchema, Batcher>>();

function findBatcher(model: OpenModel, schema: ModelSchema): Batcher {
  const known = batchers.get(model)?.get(schema);
  if (known) return known;
  const ofModel = batchers.get(model) ?? new WeakMap<ModelSchema, Batcher>();
  const batcher = new Batcher(model, schema);
  batchers.set(model, ofModel.set(schema, batcher));
  return batcher;
}

/**
 * Scores checked rows of one call, in one run with those of other calls for the same model where its answers do not depend on that.
 * @param schema the same object each time for calls that may share a run
 * @returns as `scoreRows`; the seconds are this call's share of the run, by rows
 * @throws {DomainError} `model_unavailable`
 */
export function scoreTogether(model: OpenModel, schema: ModelSchema, rows: Row[]): Promise<Scored> {
  return findBatcher(model, schema).score(rows);
}
