import type { Example } from "@/lib/contracts/catalog";

interface StartFromProps {
  examples: Example[];
  chosen: Example | undefined;
  onChoose: (example: Example) => void;
}

/** The list of cases to start from; it says so when the form holds the reader's own. */
export function StartFrom({ examples, chosen, onChoose }: StartFromProps) {
  const choose = (name: string) => {
    const example = examples.find((candidate) => candidate.name === name);
    if (example) onChoose(example);
  };
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      <label className="text-[13px] text-ink-2" htmlFor="start-from">
        Start from
      </label>
      <div className="input !w-auto max-w-64 !pr-1 min-[900px]:!h-8">
        <select id="start-from" value={chosen?.name ?? ""} onChange={(event) => choose(event.target.value)}>
          {!chosen && <option value="">Your own case</option>}
          {examples.map((example) => (
            <option key={example.name}>{example.name}</option>
          ))}
        </select>
      </div>
    </div>
  );
}
