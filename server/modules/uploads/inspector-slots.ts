import "server-only";
import { DomainError } from "@/server/core/errors";

/** More programs at once would take the time of everybody who asks a model. */
const PLACES = 2;
/** How long a question waits for a place. */
const PATIENCE_MS = 2_000;

/** Next evaluates modules more than once; the places of a process stay the same ones. */
const holder: typeof globalThis & { vitrineInspectorPlaces?: { taken: number; waiting: (() => void)[] } } = globalThis;
const places = (holder.vitrineInspectorPlaces ??= { taken: 0, waiting: [] });

/** Waits for a place. Whoever gives one back hands it to the one who waits longest. */
async function takePlace(): Promise<void> {
  if (places.taken < PLACES) {
    places.taken += 1;
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      places.waiting = places.waiting.filter((waiting) => waiting !== enter);
      reject(
        new DomainError("overloaded", "Other models are being inspected at the moment. Wait a few seconds and send the same call again."),
      );
    }, PATIENCE_MS);
    const enter = () => {
      clearTimeout(timer);
      resolve();
    };
    places.waiting.push(enter);
  });
}

function givePlace(): void {
  const next = places.waiting.shift();
  if (next) next();
  else places.taken -= 1;
}

/** Does some work while holding one of this process' places. @throws {DomainError} `overloaded`, when none is free in time */
export async function withPlace<Result>(work: () => Promise<Result>): Promise<Result> {
  await takePlace();
  try {
    return await work();
  } finally {
    givePlace();
  }
}
