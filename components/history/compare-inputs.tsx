import { InputValue } from "@/components/history/input-value";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { InputPair, InputView } from "@/lib/history-view";

function Value({ input }: { input: InputView | undefined }) {
  return input ? <InputValue input={input} /> : <span className="text-ink-3">not sent</span>;
}

/** Two predictions' inputs in one table: what differs first and marked, what is the same after it. */
export function CompareInputs({ pairs }: { pairs: InputPair[] }) {
  const sorted = [...pairs.filter((pair) => pair.differs), ...pairs.filter((pair) => !pair.differs)];
  return (
    <ScrollRegion label="Inputs of both">
      <table className="table list-table compare-table">
        <thead>
          <tr>
            <th scope="col">Input</th>
            <th scope="col">First</th>
            <th scope="col">Second</th>
            <th scope="col" className="number">
              Difference
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ name, label, one, other, differs, change }) => (
            <tr key={name} data-picked={differs}>
              <th scope="row">{label}</th>
              <td>
                <Value input={one} />
              </td>
              <td>
                <Value input={other} />
              </td>
              <td className="number">{differs ? change || "differs" : <span className="text-ink-3">same</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
