import Link from "next/link";
import { CodeBlock } from "@/components/ui/code-block";
import { requestsHref } from "@/lib/requests-address.admin";
import { filterLabels, type SetFilter } from "@/lib/requests-view.admin";

interface NoRequestsProps {
  filters: readonly SetFilter[];
  /** Filters of the address that mean nothing. */
  unread: readonly string[];
  /** A line that makes a first call; null while no model is published. */
  curl: string | null;
  /** How far back was searched, where that is not everything. */
  searchedBackTo: string | null;
}

/** What stands in place of the list when there is nothing in it. */
export function NoRequests({ filters, unread, curl, searchedBackTo }: NoRequestsProps) {
  if (unread.length > 0) {
    const names = unread.map((name) => Object.entries(filterLabels).find(([known]) => known === name)?.[1] ?? name).join(", ");
    return (
      <div className="no-requests">
        <h2>This address cannot be read</h2>
        <p className="text-ink-2">What it says for {names} means nothing, so nothing is listed.</p>
        <Link href={requestsHref({})} className="btn" prefetch={false}>
          Show all requests
        </Link>
      </div>
    );
  }
  if (filters.length > 0) {
    return (
      <div className="no-requests">
        <h2>No request fits</h2>
        <p className="text-ink-2">
          {filters.map(({ label, value }) => `${label} ${value}`).join(", ")}: nothing like that{" "}
          {searchedBackTo === null ? "in the 30 days that the log keeps." : "so far; older ones can still be searched."}
        </p>
        <Link href={requestsHref({})} className="btn" prefetch={false}>
          Clear the filters
        </Link>
      </div>
    );
  }
  return (
    <div className="no-requests">
      <h2>No requests yet</h2>
      <p className="text-ink-2">Every call of the API is listed here within a second: who called what, how it ended and how long it took.</p>
      {curl !== null && <CodeBlock title="The first call" code={curl} />}
    </div>
  );
}
