import "server-only";
import { allWidths, customerWidths, startOf, type Width, widths } from "@/server/modules/traffic/spans";

/** Which counts: of calls, of customers, of calls without a result, of answers. */
export const bucketKinds = ["calls", "customers", "errors", "answers"] as const;
export type BucketKind = (typeof bucketKinds)[number];

/** What to add to one bucket, and what it is told when it is made. */
export interface BucketAddition {
  /** Names the bucket. */
  bucket: Record<string, unknown>;
  add: Record<string, number>;
  made: Record<string, unknown>;
  earliest: Record<string, Date>;
  latest: Record<string, Date>;
}

const widthsOf: Record<BucketKind, readonly Width[]> = {
  calls: allWidths,
  customers: customerWidths,
  errors: allWidths,
  answers: allWidths,
};

type Moments = Record<string, Date>;

function keepBounds(bounds: Moments, more: Moments | undefined, isFurther: (at: Date, bound: Date) => boolean): void {
  for (const [name, at] of Object.entries(more ?? {})) {
    const bound = bounds[name];
    if (!bound || isFurther(at, bound)) bounds[name] = at;
  }
}

/** What is added to all buckets of one kind while they are put together, each bucket once. */
export class Additions {
  readonly #found = new Map<string, BucketAddition>();

  add(kind: BucketKind, minute: number, names: object, more: Partial<Omit<BucketAddition, "bucket">>): void {
    for (const width of widthsOf[kind]) {
      const start = startOf(width, minute);
      const key = JSON.stringify([width, start, names]);
      const known = this.#found.get(key) ?? {
        bucket: { ...names, width, start: new Date(start) },
        add: {},
        made: { ...more.made, expiresAt: new Date(start + widths[width].kept) },
        earliest: {},
        latest: {},
      };
      this.#found.set(key, known);
      for (const [name, count] of Object.entries(more.add ?? {})) known.add[name] = (known.add[name] ?? 0) + count;
      keepBounds(known.earliest, more.earliest, (at, bound) => at < bound);
      keepBounds(known.latest, more.latest, (at, bound) => at > bound);
    }
  }

  list(): BucketAddition[] {
    return [...this.#found.values()];
  }
}
