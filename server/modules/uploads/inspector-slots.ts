import "server-only";
import { Line } from "@/server/core/line";

/** Next evaluates modules more than once; the places of a process stay the same ones. */
const holder: typeof globalThis & { vitrineInspectors?: Line } = globalThis;
const line = (holder.vitrineInspectors ??= new Line({
  // More programs at once would take the time of everybody who asks a model.
  atOnce: 2,
  mostWaiting: 100,
  patienceMs: 2_000,
  refusal: "Other models are being inspected at the moment. Wait a few seconds and send the same call again.",
}));

/** Does some work while holding one of this process' places. @throws {DomainError} `overloaded`, when none is free in time */
export async function withPlace<Result>(work: () => Promise<Result>): Promise<Result> {
  return line.run(work);
}
