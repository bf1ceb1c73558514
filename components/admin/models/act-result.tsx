"use client";

import type { ActState } from "@/components/admin/models/use-act";
import { Notice } from "@/components/ui/notice";

/** What came of the last act of this part of the page, where no dialog says it. */
export function ActResult({ state }: { state: ActState }) {
  const { told, refusal, asking, close } = state;
  if (told !== null) {
    return (
      <Notice tone="ok" onClose={close}>
        {told}
      </Notice>
    );
  }
  return refusal && asking === null ? <Notice tone="bad">{refusal.message}</Notice> : null;
}
