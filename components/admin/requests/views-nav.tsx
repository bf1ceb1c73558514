import Link from "next/link";
import { type RequestsAddress, requestsHref } from "@/lib/requests-address.admin";

/** The two ways to look at the log. @param address the filters of the list that stay */
export function ViewsNav({ current, address }: { current: "list" | "errors"; address: RequestsAddress }) {
  const { surface, last } = address;
  return (
    <nav className="switch-links" aria-label="View">
      <Link href={requestsHref(current === "list" ? address : { surface, last })} prefetch={false} aria-current={current === "list" ? "page" : undefined}>
        One by one
      </Link>
      <Link href={requestsHref({ view: "errors", surface, last })} prefetch={false} aria-current={current === "errors" ? "page" : undefined}>
        Errors in groups
      </Link>
    </nav>
  );
}
