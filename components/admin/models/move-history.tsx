import { Card } from "@/components/ui/card";
import { LocalTime } from "@/components/ui/local-time";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { AliasMoveView } from "@/lib/contracts/releases.admin";

/** One move in a sentence. */
function sayMove({ act, alias, from, to, share }: AliasMoveView): string {
  if (alias === "candidate" && to === null) return `Version ${from} is no candidate any more`;
  if (act === "set_share") return `Version ${to} answers ${share} % of the customers`;
  if (alias === "candidate") return `Version ${to} became the candidate${share === null ? "" : ` at ${share} %`}`;
  if (to === null) return `Version ${from} was taken off the shelf`;
  if (act === "roll_back") return `Rolled back ${from === null ? "" : `from version ${from} `}to version ${to}`;
  if (act === "promote") return `Version ${to} was promoted in place of version ${from}`;
  return `Version ${to} was published${from === null ? "" : ` in place of version ${from}`}`;
}

/** Every move of a model's versions: what, who, when and why. */
export function MoveHistory({ moves }: { moves: readonly AliasMoveView[] }) {
  if (moves.length === 0) {
    return (
      <Card title="History">
        <p className="text-ink-2">Nothing has moved yet. Publishing a version is the first entry.</p>
      </Card>
    );
  }
  return (
    <Card title="History" aside="Newest first" flush>
      <ScrollRegion label="Table of moves" className="relative">
        <table className="table list-table keys-table moves-table">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col">Who</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {moves.map((move) => (
              <tr key={`${move.at} ${move.alias} ${move.act}`}>
                <td data-label="When">
                  <LocalTime iso={move.at} />
                </td>
                <td>{sayMove(move)}</td>
                <td data-label="Who" className="text-ink-2">
                  {move.by}
                </td>
                <td data-label="Why" className="text-ink-2">{move.why === "" ? <span className="text-ink-3">no reason given</span> : move.why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Card>
  );
}
