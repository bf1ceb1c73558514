"use client";

import Link from "next/link";

/** What stands at an address that does not exist: why that may be, and the way back. */
export function NothingHere() {
  return (
    <div className="py-16">
      <p className="text-ink-3">404</p>
      <h1 className="mt-1">There is nothing at this address</h1>
      <p className="mt-2 max-w-[56ch] text-ink-2">What was here may have been renamed, withdrawn or deleted, or a letter is missing. Every published model is in the catalog.</p>
      <p className="mt-5">
        <Link href="/" className="btn btn-main" prefetch={false}>
          All models
        </Link>
      </p>
    </div>
  );
}
