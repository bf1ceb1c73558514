import Link from "next/link";
import type { Published } from "@/components/admin/uploads/use-publish";
import { Card } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { Notice } from "@/components/ui/notice";
import type { Row } from "@/lib/contracts/predict";
import { writeCurl } from "@/lib/snippets";

const words: Record<Published["release"], string> = {
  live: "Customers are answered by it from now on.",
  candidate: "A share of the customers is answered by it.",
  store: "Nobody is answered by it now: release it on the model’s page.",
};

interface PublishedCardProps {
  published: Published;
  origin: string;
  /** A case to call it with. */
  input: Row;
}

/** What there is now: the customers' page, a call that answers, and the page of the console that says who is answered by what. */
export function PublishedCard({ published: { slug, version, release }, origin, input }: PublishedCardProps) {
  const model = release === "live" ? slug : `${slug}@candidate`;
  return (
    <Card title="Published">
      <div className="grid gap-4">
        <Notice tone="ok" title={`This is version ${version} of ${slug}`}>
          {words[release]} A version never changes: what is written below is kept as it is.
        </Notice>
        <p className="flex flex-wrap gap-2">
          {release !== "store" && (
            <Link href={`/models/${slug}`} className="btn" prefetch={false}>
              Open the customers’ page
            </Link>
          )}
          <Link href={`/admin/models/${slug}`} className="btn" prefetch={false}>
            Open it in the console
          </Link>
        </p>
        {release !== "store" && <CodeBlock title="A call that answers" code={writeCurl({ origin, model, input })} />}
      </div>
    </Card>
  );
}
