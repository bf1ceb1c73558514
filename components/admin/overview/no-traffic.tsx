import Link from "next/link";
import { CodeBlock } from "@/components/ui/code-block";

interface NoTrafficProps {
  /** A line that makes a call which is answered; null while no model is published. */
  curl: string | null;
}

/** Before the first call: how to make it. */
export function NoTraffic({ curl }: NoTrafficProps) {
  return (
    <section className="card grid gap-3 p-5" aria-label="No calls yet">
      <h2>No calls yet</h2>
      {curl === null ? (
        <p className="max-w-[64ch] text-ink-2">
          No model is published.{" "}
          <Link href="/admin/models" className="link" prefetch={false}>
            Upload one
          </Link>
          , publish it, and its first calls appear here within seconds.
        </p>
      ) : (
        <>
          <p className="max-w-[64ch] text-ink-2">
            Nobody has called the API in this span. Send this line from any terminal: the call appears here within seconds, and on the page of requests.
          </p>
          <CodeBlock title="The first call" code={curl} />
        </>
      )}
    </section>
  );
}
