import Link from "next/link";
import { StoredAnswer } from "@/components/history/stored-answer";
import { LocalTime } from "@/components/ui/local-time";
import type { VersionDetail } from "@/lib/contracts/catalog";
import type { HistoryEntry } from "@/lib/contracts/history";
import type { PredictionOutput } from "@/lib/contracts/predict";

interface CompareSideProps {
  title: string;
  /** The model's name. */
  name: string;
  entry: HistoryEntry;
  version: VersionDetail | null;
  before?: PredictionOutput | undefined;
}

/** One of two predictions: which it is, and its answer. */
export function CompareSide({ title, name, entry, version, before }: CompareSideProps) {
  return (
    <section className="compare-side" aria-label={title}>
      <p className="help mb-3">
        <b className="text-ink">{title}</b> · {name} {entry.version} ·{" "}
        <Link href={`/history/${entry.id}`} className="link" prefetch={false}>
          <LocalTime iso={entry.created_at} />
        </Link>
      </p>
      <div className="grid gap-4">
        <StoredAnswer output={entry.output} version={version} before={before} since="against the first" />
      </div>
    </section>
  );
}
