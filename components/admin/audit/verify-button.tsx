"use client";

import { useState } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { useChange } from "@/components/ui/use-change";
import type { AuditVerdict } from "@/lib/contracts/audit.admin";
import { formatNumber } from "@/lib/format";
import { consoleApi } from "@/lib/trpc-client.admin";

function sayEntries(count: number): string {
  return count === 1 ? "The one entry is" : `All ${formatNumber(count)} entries are`;
}

function Verdict({ verdict, onClose }: { verdict: AuditVerdict; onClose: () => void }) {
  const { fault, entries, head } = verdict;
  if (fault) {
    return (
      <Notice tone="bad" title={`The chain breaks at entry ${fault.number}. ${fault.detail}`} onClose={onClose}>
        <p>
          {entries === 0 ? "Nothing" : `What comes up to entry ${formatNumber(entries)}`} can be relied on. Compare with an export that was
          made earlier.
        </p>
      </Notice>
    );
  }
  return (
    <Notice tone="ok" title={`${sayEntries(entries)} as they were written.`} onClose={onClose}>
      <p>This hash stands for all of them. Kept elsewhere, it proves later that nothing was taken away or written anew.</p>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <span className="hash">{head}</span>
        <CopyButton label="Copy hash" text={head} small />
      </div>
    </Notice>
  );
}

/** Walks the whole audit and says whether it is as it was written. */
export function VerifyAudit({ mayExport }: { mayExport: boolean }) {
  const { busy, refusal, run } = useChange();
  const [verdict, setVerdict] = useState<AuditVerdict | null>(null);
  const verify = () => {
    setVerdict(null);
    void run(() => consoleApi.audit.verify.query({}), setVerdict);
  };
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <button type="button" className="btn" onClick={verify} aria-busy={busy}>
          <Icon name="done" />
          {busy ? "Verifying" : "Verify"}
        </button>
        {mayExport ? (
          <a className="btn" href="/admin/audit-export" download>
            <Icon name="download" />
            Export
          </a>
        ) : (
          <>
            <button type="button" className="btn" disabled aria-describedby="export-bar">
              <Icon name="download" />
              Export
            </button>
            <span id="export-bar" className="help">
              Exporting takes the role operator; yours is viewer.
            </span>
          </>
        )}
      </div>
      {refusal && <Notice tone="bad">{refusal.message}</Notice>}
      {verdict && <Verdict verdict={verdict} onClose={() => setVerdict(null)} />}
    </div>
  );
}
