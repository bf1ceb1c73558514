import "server-only";
import { beatOfAnswers } from "@/server/core/beat";
import { toDomainError } from "@/server/core/errors";
import { JointWork } from "@/server/core/joint-work";
import type { PredictionRecord } from "@/server/modules/history/collection";
import { insertPredictions } from "@/server/modules/history/repository";

/** What one write carries at most, in characters of content. A call of a thousand rows of a table has some 400,000. */
const MOST_AT_ONCE = 4_000_000;
/** Where a document without content would count for nothing. */
const DOCUMENT = 1_000;
/** What waits at most. As many calls as one process works on at once, each with the largest body there is, are less. */
const MOST_WAITING = 64_000_000;
/** Larger calls are written beside the others: nobody waits for somebody else's thousand rows. */
const LARGE = 250_000;

/** What became of one call's predictions: null where they are stored. */
type Failure = { error: unknown } | null;

/** Whether the driver would not even send it: one document among them cannot be written, nobody knows which, and nothing was. */
function isUnsendable(error: unknown): boolean {
  if (toDomainError(error).code === "database_unavailable") return false;
  return error instanceof Error && (!error.name.startsWith("Mongo") || error.name === "MongoInvalidArgumentError");
}

async function writeAlone(records: PredictionRecord[]): Promise<Failure> {
  try {
    const refused = await insertPredictions(records);
    return refused.size === 0 ? null : { error: new Error("The database refused a prediction.") };
  } catch (error) {
    return { error };
  }
}

/** One write for all calls. A document that cannot be stored fails its own call and no other one. */
async function writeGroup(calls: readonly PredictionRecord[][]): Promise<Failure[]> {
  const [only] = calls;
  if (only && calls.length === 1) return [await writeAlone(only)];
  try {
    const refused = await insertPredictions(calls.flat());
    let begin = 0;
    return calls.map((records) => {
      const from = begin;
      begin += records.length;
      const isStored = refused.size === 0 || records.every((_record, index) => !refused.has(from + index));
      return isStored ? null : { error: new Error("The database refused a prediction.") };
    });
  } catch (error) {
    return isUnsendable(error) ? Promise.all(calls.map(writeAlone)) : calls.map(() => ({ error }));
  }
}

const joint = new JointWork<PredictionRecord[], Failure>({
  work: writeGroup,
  mostAtOnce: MOST_AT_ONCE,
  beat: beatOfAnswers,
  room: { mostWaiting: MOST_WAITING, refusal: "More predictions wait to be stored than there is room for." },
});

/**
 * Stores a call's predictions together with those of other calls; resolves once they are durable.
 * @throws {DomainError} `overloaded`, when too much waits
 * @throws {Error} the driver's error, for every call of a write that failed as a whole; another one where a document was refused
 */
export async function storePredictions(records: PredictionRecord[]): Promise<void> {
  if (records.length === 0) return;
  const size = records.reduce((sum, { content }) => sum + content.length + DOCUMENT, 0);
  const failure = await (size > LARGE ? writeAlone(records) : joint.add(records, size));
  if (failure) throw failure.error;
}
