import "server-only";
import { z } from "zod";
import { database } from "@/server/core/db";

/** What some work asked the database to read. */
export interface Reads {
  /** How many questions it asked. */
  questions: number;
  /** Of which collections, each once. */
  collections: string[];
  /** Documents that it got. */
  returned: number;
  /** Documents that the database would have to look at for that, without the limits of the questions. */
  examined: number;
  /** Questions without a limit, or without the name of an index. */
  unbounded: number;
}

const question = z.object({ find: z.string(), filter: z.unknown(), hint: z.unknown().optional(), sort: z.unknown().optional(), limit: z.number().optional() });
const batch = z.object({ cursor: z.object({ firstBatch: z.array(z.unknown()).optional(), nextBatch: z.array(z.unknown()).optional() }) });
const explained = z.object({ executionStats: z.object({ totalDocsExamined: z.number() }).optional() });

async function countExamined({ find, filter, hint, sort }: z.infer<typeof question>): Promise<number> {
  const asked = { find, filter, ...(hint !== undefined && { hint }), ...(sort !== undefined && { sort }) };
  const told: unknown = await (await database()).db?.command({ explain: asked, verbosity: "executionStats" });
  return explained.parse(told).executionStats?.totalDocsExamined ?? 0;
}

/**
 * Counts what some work reads. The driver must have been told to tell of its commands, as it is where spans are written: set
 * `OTEL_EXPORTER_OTLP_ENDPOINT` before the connection is opened.
 */
export async function countReads(work: () => Promise<unknown>): Promise<Reads> {
  const client = (await database()).getClient();
  const questions: z.infer<typeof question>[] = [];
  let returned = 0;
  const begun = ({ command }: { command: object }) => {
    const parsed = question.safeParse(command);
    if (parsed.success) questions.push(parsed.data);
  };
  const ended = ({ reply }: { reply: unknown }) => {
    const parsed = batch.safeParse(reply);
    if (parsed.success) returned += (parsed.data.cursor.firstBatch ?? parsed.data.cursor.nextBatch ?? []).length;
  };
  client.on("commandStarted", begun).on("commandSucceeded", ended);
  try {
    await work();
  } finally {
    client.off("commandStarted", begun).off("commandSucceeded", ended);
  }
  const examined = await Promise.all(questions.map(countExamined));
  return {
    questions: questions.length,
    collections: [...new Set(questions.map(({ find }) => find))].sort(),
    returned,
    examined: examined.reduce((sum, count) => sum + count, 0),
    unbounded: questions.filter(({ limit, hint }) => limit === undefined || hint === undefined).length,
  };
}
