import "server-only";
import type { CallFigures } from "@/lib/contracts/traffic.admin";
import { CallSum, stepsOf, sumBy } from "@/server/modules/traffic/figures.admin";
import { type CallQuery, findCallsAcrossCustomers } from "@/server/modules/traffic/repository";
import { startOf } from "@/server/modules/traffic/spans";

const MINUTE_MS = 60_000;

/**
 * What was counted in the window before the end of each minute of a span: as many whole minutes as the window has, and the one that ends.
 * @param span milliseconds since 1970, not further back than buckets of a minute are kept
 * @returns oldest first, without gaps
 */
export async function readSlidingWindows(
  query: CallQuery,
  minutes: number,
  span: { from: number; to: number },
): Promise<{ at: number; figures: CallFigures }[]> {
  const first = startOf("1m", span.from);
  const before = first - minutes * MINUTE_MS;
  const buckets = await findCallsAcrossCustomers(query, [{ width: "1m", from: before, to: span.to }]);
  const byMinute = sumBy(buckets, ({ start }) => start.getTime());
  return stepsOf(first, span.to, MINUTE_MS).map((at) => {
    const sum = new CallSum();
    for (let minute = at - minutes * MINUTE_MS; minute <= at; minute += MINUTE_MS) {
      const counted = byMinute.get(minute);
      if (counted) sum.merge(counted);
    }
    return { at: at + MINUTE_MS, figures: sum.figures() };
  });
}
