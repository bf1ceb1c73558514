/** How fast a transfer is, from what was sent in the last seconds. */
const WINDOW_MS = 5_000;

export interface Sample {
  at: number;
  sent: number;
}

/** The samples that still count, with a new one at their end. Sent bytes that shrink (a part begins again) begin the count anew. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1);
  if (last && sample.sent < last.sent) return [sample];
  return [...samples.filter(({ at }) => sample.at - at <= WINDOW_MS), sample];
}

/** Bytes in a second, or null before there is enough to tell. */
export function rateOf(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < 400) return null;
  return ((last.sent - first.sent) / (last.at - first.at)) * 1_000;
}

/** Seconds until `total` is there at this rate, or null when nobody can tell. */
export function secondsLeft(sent: number, total: number, rate: number | null): number | null {
  return rate === null || rate <= 0 ? null : (total - sent) / rate;
}
