"use client";

import type { Problem } from "@/components/admin/uploads/draft-problems";
import { Icon } from "@/components/ui/icon";

const SHOWN = 12;

interface ProblemsListProps {
  problems: readonly Problem[];
  onGo: (place: string) => void;
}

/** Everything that has to be mended, each a press away. */
export function ProblemsList({ problems, onGo }: ProblemsListProps) {
  if (problems.length === 0) return null;
  const rest = problems.length - SHOWN;
  return (
    <section className="notice" data-tone="bad" aria-label="Problems">
      <Icon name="alert" />
      <div className="min-w-0 flex-1">
        <p className="font-[550]">{problems.length === 1 ? "One thing has to be mended" : `${problems.length} things have to be mended`}</p>
        <ul>
          {problems.slice(0, SHOWN).map(({ place, words }) => (
            <li key={`${place} ${words}`}>
              <button type="button" className="link text-left" onClick={() => onGo(place)}>
                {words}
              </button>
            </li>
          ))}
        </ul>
        {rest > 0 && <p>and {rest} more</p>}
      </div>
    </section>
  );
}
