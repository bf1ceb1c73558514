import Link from "next/link";
import { ReleaseChips } from "@/components/admin/models/release-chips";
import { LocalTime } from "@/components/ui/local-time";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { ConsoleModelSummary } from "@/lib/contracts/releases.admin";

const taskWords: Record<NonNullable<ConsoleModelSummary["task"]>, string> = {
  "binary-classification": "Yes or no",
  "multiclass-classification": "One of several",
  regression: "A number",
  other: "Other",
};

/** The team's models, also those that customers do not see. */
export function ModelsTable({ models }: { models: readonly ConsoleModelSummary[] }) {
  return (
    <ScrollRegion label="Table of models" className="relative">
      <table className="table list-table keys-table models-table">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Who answers</th>
            <th scope="col">Says</th>
            <th scope="col" className="number">
              Versions
            </th>
            <th scope="col">Last change</th>
          </tr>
        </thead>
        <tbody>
          {models.map(({ slug, name, pitch, release, task, versions, updated_at }) => (
            <tr key={slug}>
              <th scope="row">
                <Link href={`/admin/models/${slug}`} className="row-link font-[550]" prefetch={false}>
                  {name}
                </Link>
                <span className="block font-normal text-ink-3">{pitch === "" ? slug : pitch}</span>
              </th>
              <td data-label="Who answers">
                <ReleaseChips release={release} />
              </td>
              <td data-label="Says" className="text-ink-2">{task === null ? "" : taskWords[task]}</td>
              <td data-label="Versions" className="number">{versions}</td>
              <td data-label="Last change" className="text-ink-2">
                <LocalTime iso={updated_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
