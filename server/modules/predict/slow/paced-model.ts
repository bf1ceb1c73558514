import "server-only";
import type { OpenModel } from "@/server/modules/predict/runtime";
import { Pace } from "@/server/modules/predict/slow/pace";
import { hasRunners } from "@/server/modules/predict/slow/runner";
import { runElsewhere } from "@/server/modules/predict/slow/runners";

export interface ModelFile {
  sha256: string;
  load: () => Promise<Uint8Array>;
  /** For one row, as it was measured when the version was added. */
  milliseconds: number;
}

/** By its name: Next evaluates modules more than once, and then there are several such classes. */
function wasEnded(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === "RunnerEnded";
}

const paced = new WeakMap<OpenModel, OpenModel>();

/**
 * The model with its slow runs in processes of their own, where there are any (functions and a copy without the program have none): a run
 * blocks the process it is in. Which runs are slow is learned from the last ones.
 * @returns the same object for the same model
 */
export function paceModel(model: OpenModel, { sha256, load, milliseconds }: ModelFile): OpenModel {
  const known = paced.get(model);
  if (known) return known;
  const pace = new Pace(milliseconds);
  const run: OpenModel["run"] = async (feeds, fetches) => {
    const rows = Object.values(feeds)[0]?.dims[0] ?? 1;
    const isElsewhere = pace.isSlow(rows) && hasRunners();
    const running = isElsewhere ? runElsewhere({ sha256, feeds, fetches, load }) : model.run(feeds, fetches);
    const ran = await running.catch((error: unknown) => {
      if (wasEnded(error)) pace.noteEnded();
      throw error;
    });
    pace.note(rows, ran.seconds * 1000);
    return ran;
  };
  const made = { ...model, run };
  paced.set(model, made);
  return made;
}
