"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { NoticeForm } from "@/components/admin/operations/notice-form";
import { SiteNotice } from "@/components/shell/site-notice";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { LocalTime } from "@/components/ui/local-time";
import { Notice } from "@/components/ui/notice";
import { useChange } from "@/components/ui/use-change";
import type { NoticeState } from "@/lib/contracts/operations.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

const stateWords: Record<NoticeState["state"], string> = {
  shown: "Customers see it on every page",
  planned: "Customers do not see it yet",
  over: "It is over: customers do not see it any more",
};

function Span({ notice: { from, to, state, changed_at, changed_by } }: { notice: NoticeState }) {
  return (
    <ul className="help">
      <li>{stateWords[state]}</li>
      {from !== null && (
        <li>
          From <LocalTime iso={from} />
        </li>
      )}
      {to !== null && (
        <li>
          Until <LocalTime iso={to} />
        </li>
      )}
      <li>
        Written by {changed_by}, <LocalTime iso={changed_at} />
      </li>
    </ul>
  );
}

const ADVICE = "There is none. Tell customers before something is away, such as for maintenance.";

/** What is told once it was written. */
const keptWords: Record<NoticeState["state"], string> = {
  shown: "Customers see it within three seconds.",
  planned: "It is kept for its time.",
  over: "It is kept, and over already.",
};

interface NoticeCardProps {
  notice: NoticeState | null;
  /** The id of the words that say why nothing can be changed; undefined where it can. */
  barredBy: string | undefined;
}

/** What customers are told on every page. */
export function NoticeCard({ notice, barredBy }: NoticeCardProps) {
  const router = useRouter();
  const { busy, refusal, run } = useChange();
  const [editing, setEditing] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  const end = (words: string) => {
    setEditing(false);
    setTold(words);
    router.refresh();
  };
  const barring = { disabled: barredBy !== undefined, "aria-describedby": barredBy };
  const gone = () => end("The notice is gone from customers' pages within three seconds.");
  const remove = () => void run(() => consoleApi.operations.removeNotice.mutate({ seen: notice?.changed_at ?? null }), gone);
  return (
    <Card title="Notice on customers' pages" flush>
      {told && (
        <Notice tone="ok" onClose={() => setTold(null)}>
          {told}
        </Notice>
      )}
      {refusal && <Notice tone="bad">{refusal.message}</Notice>}
      {notice ? <SiteNotice text={notice.text} tone={notice.tone} /> : <p className="alert-calm">{ADVICE}</p>}
      <div className="ops-act">
        <div>{notice && <Span notice={notice} />}</div>
        <span className="flex flex-wrap gap-2">
          {notice && (
            <button type="button" className="btn" {...barring} aria-disabled={busy} onClick={remove}>
              Take away
            </button>
          )}
          <button type="button" className="btn" {...barring} onClick={() => setEditing(true)}>
            {notice ? "Change notice" : "Write notice"}
          </button>
        </span>
      </div>
      <Dialog open={editing} title={notice ? "Change the notice" : "Write a notice"} onClose={() => setEditing(false)}>
        <NoticeForm notice={notice} onCancel={() => setEditing(false)} onDone={({ state }) => end(keptWords[state])} />
      </Dialog>
    </Card>
  );
}
