import Link from "next/link";
import { ConsolePage } from "@/components/admin/shell/console-page";

/** What stands at an address of the console that does not exist. */
export function NothingHere() {
  return (
    <ConsolePage title="Not found">
      <div className="max-w-[60ch] py-8">
        <p className="text-ink-3">404</p>
        <h2 className="mt-1">There is nothing at this address</h2>
        <p className="mt-2 text-ink-2">
          What was here may have been renamed or deleted, or a letter is missing. The audit tells what was done to it, and by whom.
        </p>
        <p className="mt-5 flex flex-wrap gap-2">
          <Link href="/admin" className="btn btn-main">
            Overview
          </Link>
          <Link href="/admin/audit" className="btn" prefetch={false}>
            Audit
          </Link>
        </p>
      </div>
    </ConsolePage>
  );
}
