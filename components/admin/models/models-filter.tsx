import Link from "next/link";
import { Icon } from "@/components/ui/icon";
import type { ModelState } from "@/lib/contracts/releases.admin";

const states: readonly (readonly [ModelState, string])[] = [
  ["live", "Published"],
  ["canary", "With a candidate"],
  ["paused", "Paused"],
  ["unpublished", "Not published"],
];

/** What the list is narrowed to. A plain form: the address says it all, and works without scripts. */
export function ModelsFilter({ q, state }: { q: string | undefined; state: ModelState | undefined }) {
  return (
    <form role="search" action="/admin/models" className="models-filter">
      <div className="input">
        <Icon name="search" />
        <input type="search" name="q" defaultValue={q} aria-label="Search models" placeholder="Search models and inputs" maxLength={100} />
      </div>
      <div className="input">
        <select name="state" defaultValue={state ?? ""} aria-label="State">
          <option value="">Any state</option>
          {states.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" className="btn">
        Filter
      </button>
      {(q ?? state) !== undefined && (
        <Link href="/admin/models" className="btn btn-quiet" prefetch={false}>
          Clear
        </Link>
      )}
    </form>
  );
}
