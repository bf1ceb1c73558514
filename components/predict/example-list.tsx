import { viewAnswer } from "@/lib/answer-view";
import type { Example } from "@/lib/contracts/catalog";
import type { ShownVersion } from "@/lib/shown-version";

interface ExampleListProps {
  live: ShownVersion;
  /** The example that is in the form now. */
  chosen: Example | undefined;
  onChoose: (example: Example) => void;
}

/** The model's own cases side by side, each with the answer this version gives, each one press away. */
export function ExampleList({ live, chosen, onChoose }: ExampleListProps) {
  const [output] = live.schema.outputs;
  return (
    <section aria-label="Cases to compare">
      <h3 className="mb-1">Cases to compare</h3>
      <ul>
        {live.examples.map((example) => {
          const answer = output && example.output[output.name];
          const view = answer ? viewAnswer(output, answer) : null;
          return (
            <li key={example.name} className="flex items-center gap-3 border-t border-grid py-2">
              <div className="min-w-0 flex-1">
                <p className="font-[550]">{example.name}</p>
                <p className="help">{example.description}</p>
              </div>
              <p className="tabular text-right whitespace-nowrap">{view && `${view.figure} ${view.suffix}`.trim()}</p>
              <button
                type="button"
                className="btn btn-small"
                aria-label={`${chosen === example ? "Shown" : "Try it"}: ${example.name}`}
                aria-pressed={chosen === example}
                onClick={() => onChoose(example)}
              >
                {chosen === example ? "Shown" : "Try it"}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
