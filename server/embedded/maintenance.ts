import type { Collection } from "./catalog";
import type { Document } from "./bson";
import type { Cursors } from "./cursors";
import { Deadline } from "./deadline";
import type { Engine } from "./engine";
import type { Index } from "./indexes";
import { deleteTarget, locateTarget, type Target } from "./modify";
import { sweepRetryRecords } from "./retry";
import type { Sessions } from "./sessions";

const PERIOD_MS = 60_000;

/** Every minute: expired documents, idle cursors and sessions, old retry records. Returns how to end it. */
export function startMaintenance(
  engine: Engine,
  sessions: Sessions,
  cursors: Cursors,
  report: (name: string, error: unknown) => void,
): () => void {
  const timer = setInterval(() => {
    cursors.dropIdle();
    sessions.dropIdle();
    engine.changes.dropIdle();
    sweepExpired(engine)
      .then(() => sweepRetryRecords(engine))
      .catch((error: unknown) => report("maintenance", error));
  }, PERIOD_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Deletes the documents whose TTL index says that their time is over. */
export async function sweepExpired(engine: Engine, now = Date.now()): Promise<void> {
  for (const collection of engine.catalog.all()) {
    for (const index of collection.indexes) {
      if (index.expireAfterSeconds !== undefined) await expireByIndex(engine, collection, index, index.expireAfterSeconds, now);
    }
  }
}

async function expireByIndex(engine: Engine, collection: Collection, index: Index, seconds: number, now: number): Promise<void> {
  const [part] = index.parts;
  if (!part) return;
  const due: Document = { [part.field]: { $lte: new Date(now - seconds * 1000) } };
  const filter = index.partialFilter ? { $and: [due, index.partialFilter] } : due;
  const target: Target = { filter, isMulti: true, options: {} };
  const deadline = new Deadline();
  const located = await locateTarget(engine.reading, collection, target, deadline);
  for (;;) {
    const outcome = await engine.runUnitPatiently(
      (context) => deleteTarget(context, collection.namespace, target, deadline, located),
      deadline,
    );
    if (outcome.isFinished) return;
    await deadline.breathe();
  }
}
