import "server-only";
import type { AliasMoveView, ReleaseState } from "@/lib/contracts/releases.admin";
import type { AliasMove, ModelRecord } from "@/server/modules/catalog/collection";

type Released = Pick<ModelRecord, "slug" | "aliases" | "share" | "paused" | "moves">;

/**
 * The versions that were live, as a stack: a move forward puts one on top, a roll back takes one off. So rolling back again leads
 * further back and never to and fro between two versions. Taking the model off the shelf changes nothing in it.
 */
function stackOfLive(moves: AliasMove[]): number[] {
  const stack: number[] = [];
  for (const { alias, to, act } of moves) {
    if (alias !== "live" || to === null) continue;
    if (act === "roll_back" && stack.at(-2) === to) stack.pop();
    else if (stack.at(-1) !== to) stack.push(to);
  }
  return stack;
}

/** The version that a roll back leads to, or null when none was live before. */
export function findRollBackTarget({ aliases, moves }: Pick<Released, "aliases" | "moves">): number | null {
  const stack = stackOfLive(moves);
  return (aliases.live === undefined ? stack.at(-1) : stack.at(-2)) ?? null;
}

/** The version that customers wrote their calls for: the live one, or the one that was live last; null before the first. */
export function findKnownVersion({ aliases, moves }: Pick<Released, "aliases" | "moves">): number | null {
  return aliases.live ?? stackOfLive(moves).at(-1) ?? null;
}

/** When the candidate that runs now became one. */
function findCandidateStart({ aliases, moves }: Released): string | null {
  if (aliases.candidate === undefined) return null;
  const start = moves.findLast(({ alias, from, to }) => alias === "candidate" && to === aliases.candidate && from !== to);
  return start?.at.toISOString() ?? null;
}

/** Who answers now, as the console shows it. */
export function toReleaseState(model: Released): ReleaseState {
  const { slug, aliases, share, paused, moves } = model;
  return {
    slug,
    revision: moves.length,
    live: aliases.live ?? null,
    candidate: aliases.candidate ?? null,
    share: share ?? null,
    candidate_since: findCandidateStart(model),
    roll_back_to: findRollBackTarget(model),
    paused: paused ? { note: paused.note, since: paused.at.toISOString(), by: paused.by } : null,
  };
}

/** A move for the console. */
export function toMoveView({ alias, from, to, act, share, at, by, why }: AliasMove): AliasMoveView {
  const known = act ?? (alias === "live" ? "publish" : "start_candidate");
  return { alias, from, to, act: known, share: share ?? null, at: at.toISOString(), by, why: why ?? "" };
}
