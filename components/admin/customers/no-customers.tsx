import Link from "next/link";

/** What stands in place of an empty list: how to look otherwise, or how customers come. */
export function NoCustomers({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <div className="p-6">
        <h2>Nobody fits</h2>
        <p className="mt-1 max-w-[60ch] text-ink-2">
          An address is found by its beginning, a name by any part of its words, ids and keys whole or as their owner sees them.
        </p>
        <p className="mt-4">
          <Link href="/admin/customers" className="btn" prefetch={false}>
            Show all customers
          </Link>
        </p>
      </div>
    );
  }
  return (
    <div className="p-6">
      <h2>No customers yet</h2>
      <p className="mt-1 max-w-[60ch] text-ink-2">
        Whoever confirms an address at <code>/sign-up</code>, or signs in with GitHub or Google where that is configured, stands here: with
        plan, keys, what they use, and everything you can do for them. Visitors without an account are not listed; their calls are under
        Requests.
      </p>
      <p className="mt-4 flex flex-wrap gap-2">
        <Link href="/sign-up" className="btn" prefetch={false}>
          Open the sign-up page
        </Link>
        <Link href="/admin/requests" className="btn btn-quiet" prefetch={false}>
          Requests
        </Link>
      </p>
    </div>
  );
}
