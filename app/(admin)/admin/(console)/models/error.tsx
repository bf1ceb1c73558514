"use client";

import { ConsolePage } from "@/components/admin/shell/console-page";
import { Notice } from "@/components/ui/notice";

/** In place of a page of this section that could not be read. */
export default function ModelsError({ reset }: { reset: () => void }) {
  return (
    <ConsolePage title="Models" crumbs={[{ href: "/admin", title: "Console" }]}>
      <Notice tone="bad" title="This page cannot be read at the moment">
        <p>Customers are answered independently of this page. Try again; if it stays, look whether the database answers at /admin/operations.</p>
        <button type="button" className="btn mt-2" onClick={reset}>
          Try again
        </button>
      </Notice>
    </ConsolePage>
  );
}
