import Link from "next/link";
import type { ReleaseThen } from "@/lib/contracts/requests.admin";
import type { AliasMoveView } from "@/lib/contracts/releases.admin";
import { formatDay } from "@/lib/format";
import { formatClock } from "@/lib/overview-view.admin";

interface ReleaseHistoryProps {
  model: string;
  release: ReleaseThen;
  /** When the call came in. */
  at: string;
}

function sayMove({ alias, from, to, share, by }: AliasMoveView): string {
  const was = from === null ? "" : `, was ${from}`;
  const part = share === null || to === null ? "" : ` at ${share} %`;
  return `${alias} ${to === null ? "taken away" : to}${part}${was}, by ${by}`;
}

function sayRelease({ live, candidate, share }: ReleaseThen): string {
  if (live === null) return "No version was live.";
  if (candidate === null) return `Version ${live} was live, without a candidate.`;
  return `Version ${live} was live, ${candidate} was tried${share === null ? "" : ` at ${share} %`}.`;
}

/** Which versions answered when the call came in, and what was moved before and after it. */
export function ReleaseHistory({ model, release, at }: ReleaseHistoryProps) {
  const after = release.moves.findIndex((move) => move.at > at);
  const place = after < 0 ? release.moves.length : after;
  const item = (move: AliasMoveView) => (
    <li key={`${move.at} ${move.alias}`}>
      <span className="help tabular whitespace-nowrap">
        {formatDay(move.at)}, {formatClock(move.at)}
      </span>{" "}
      {sayMove(move)}
    </li>
  );
  return (
    <section className="drawer-part" aria-label="Release at that time">
      <h3>Release at that time</h3>
      <p>{sayRelease(release)}</p>
      <ol className="drawer-moves">
        {release.moves.slice(0, place).map(item)}
        <li data-here="true">This call</li>
        {release.moves.slice(place).map(item)}
      </ol>
      <Link href={`/admin/models/${model}`} className="link help" prefetch={false}>
        All moves of {model}
      </Link>
    </section>
  );
}
