/** Names nearer than this part of the axis collide. */
const NAME_WIDTH = 0.28;
/** A name right of this place stands left of its mark. */
export const FLIPS_FROM = 0.6;

/** From where to where the name of a mark stands along the axis. */
function spanOf(at: number): [from: number, to: number] {
  return at > FLIPS_FROM ? [at - NAME_WIDTH, at] : [at, at + NAME_WIDTH];
}

/**
 * The lane, from 0 on, of each name beside its mark; null where there is no room for it. The newest are named first: what was done last
 * is what a change in the picture is held against.
 * @param places 0 to 1 along the axis, the oldest first
 * @param lanes how many names may stand above each other
 */
export function placeNames(places: readonly number[], lanes: number): (number | null)[] {
  const taken = Array.from({ length: lanes }, (): [number, number][] => []);
  const found = places.toReversed().map((at) => {
    const [from, to] = spanOf(at);
    const lane = taken.findIndex((spans) => spans.every(([start, end]) => end <= from || to <= start));
    taken[lane]?.push([from, to]);
    return lane < 0 ? null : lane;
  });
  return found.toReversed();
}
