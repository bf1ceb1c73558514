import { Icon } from "@/components/ui/icon";
import type { ReleaseState } from "@/lib/contracts/releases.admin";

/** Who answers, in a few words: the live version, the candidate with its share, and whether the model is paused. */
export function ReleaseChips({ release }: { release: Pick<ReleaseState, "live" | "candidate" | "share" | "paused"> }) {
  const { live, candidate, share, paused } = release;
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      {live === null ? (
        <span className="chip">Not published</span>
      ) : (
        <span className="chip chip-live">
          <Icon name="check" size={12} />
          Version {live} live
        </span>
      )}
      {candidate !== null && (
        <span className="chip chip-candidate">
          Version {candidate} {share === null ? "by name" : `at ${share} %`}
        </span>
      )}
      {paused && (
        <span className="chip chip-warn">
          <Icon name="pause" size={12} />
          Paused
        </span>
      )}
    </span>
  );
}
