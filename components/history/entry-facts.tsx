import Link from "next/link";
import type { ReactNode } from "react";
import { LocalTime } from "@/components/ui/local-time";
import type { HistoryEntry } from "@/lib/contracts/history";
import { formatMilliseconds } from "@/lib/format";

const arms: Record<HistoryEntry["arm"], string> = { live: "the live version", candidate: "the candidate", pinned: "asked for by number" };

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Where a prediction comes from: version, way, time, ids. */
export function EntryFacts({ entry, cameBy }: { entry: HistoryEntry; cameBy: string }) {
  return (
    <dl className="facts">
      <Fact term="Version">
        {entry.version}, {arms[entry.arm]}
      </Fact>
      <Fact term="Model time">{formatMilliseconds(entry.metrics.predict_time * 1_000)}</Fact>
      <Fact term="Came by">{cameBy}</Fact>
      <Fact term="Time">
        <LocalTime iso={entry.created_at} />
      </Fact>
      <Fact term="Request">
        <Link href={`/history?request=${entry.request_id}`} className="link" prefetch={false} title="All predictions of this call">
          <code>{entry.request_id}</code>
        </Link>
      </Fact>
      <Fact term="Prediction">
        <code>{entry.id}</code>
      </Fact>
    </dl>
  );
}
