/** What a pane works with: what its page sends to the browser of a version. */
import type { VersionDetail } from "@/lib/contracts/catalog";
import { describeTrackRecord } from "@/lib/track-record";

export interface ShownVersion extends Pick<VersionDetail, "version" | "schema" | "examples" | "reference" | "latency"> {
  /** How good it is, in words; null when its metrics do not say. */
  record: string | null;
}

/**
 * A version without the figures that no pane shows: they can be longer than all the rest.
 * @param withCount whether the record says on how many cases
 */
export function toShownVersion({ version, schema, examples, reference, latency, metrics }: VersionDetail, withCount = false): ShownVersion {
  return { version, schema, examples, reference, latency, record: describeTrackRecord(metrics, withCount) };
}
