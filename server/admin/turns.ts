import "server-only";
import { assertLimits } from "@/server/core/limits";
import { Line } from "@/server/core/line";

/** What one act takes of those an operator may do in a minute; an export reads ten thousand entries. */
const COST = { act: 1, export: 20 } as const;

/** To be asked before whatever is written to the audit on an operator's behalf. @throws {LimitReached} `rate_limited` */
export async function assertMayAct(operatorId: string, kind: keyof typeof COST = "act"): Promise<void> {
  await assertLimits(`operator:${operatorId}`, [{ policy: "operator_acts", cost: COST[kind] }]);
}

/** Next evaluates modules more than once; the lines of a process stay the same ones. */
const holder: typeof globalThis & { vitrineConsoleLines?: Map<string, Line> } = globalThis;
const lines = (holder.vitrineConsoleLines ??= new Map<string, Line>());

const openLine = () =>
  new Line({
    // Of what one operator asks: the rest waits, so that customers' calls come between.
    atOnce: 3,
    mostWaiting: 60,
    patienceMs: 20_000,
    refusal: "Too much of yours is being looked up at the moment. Wait a few seconds and send the same call again.",
  });

/**
 * Does what an operator asks for when it is their turn: three things at once in one process, whatever they send. Looking through the log
 * costs the database much more than a prediction does. @throws {DomainError} `overloaded`
 */
export async function inTurnOf<Result>(operatorId: string, work: () => Promise<Result>): Promise<Result> {
  const line = lines.get(operatorId) ?? openLine();
  lines.set(operatorId, line);
  try {
    return await line.run(work);
  } finally {
    if (line.isEmpty) lines.delete(operatorId);
  }
}
