import Link from "next/link";

const tasks = [
  { task: undefined, words: "All" },
  { task: "binary-classification", words: "Yes or no" },
  { task: "regression", words: "A number" },
  { task: "multiclass-classification", words: "One of several" },
  { task: "other", words: "Something else" },
] as const;

interface TaskFilterProps {
  /** Models by task, under "all" the sum. */
  counts: Record<string, number>;
  task: string | undefined;
  q: string | undefined;
}

/** Filters by the kind of answer; the choice is part of the address. */
export function TaskFilter({ counts, task, q }: TaskFilterProps) {
  return (
    <nav className="mt-4 flex flex-wrap gap-2" aria-label="Kind of answer">
      {tasks.map((entry) => {
        const count = counts[entry.task ?? "all"] ?? 0;
        if (entry.task && count === 0 && entry.task !== task) return null;
        const query = { ...(entry.task && { task: entry.task }), ...(q && { q }) };
        return (
          <Link key={entry.words} className="filter" href={{ pathname: "/", query }} aria-current={entry.task === task ? "true" : undefined} prefetch={false}>
            {entry.words} <b className="tabular font-[550]">{count}</b>
          </Link>
        );
      })}
    </nav>
  );
}
