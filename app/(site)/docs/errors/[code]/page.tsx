import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { InlineCode } from "@/components/docs/inline-code";
import { CodeBlock } from "@/components/ui/code-block";
import { type ErrorPage, findError } from "@/server/site/errors";
import { readOrigin } from "@/server/site/request";
import { assertSitePage } from "@/server/site/served";

interface ErrorCodePageProps {
  params: Promise<{ code: string }>;
}

export async function generateMetadata({ params }: ErrorCodePageProps): Promise<Metadata> {
  const found = findError((await params).code);
  return found ? { title: found.code, description: found.title } : {};
}

function writeExample({ code, status, title, remedy }: ErrorPage, origin: string): string {
  const body = { type: `${origin}/docs/errors/${code}`, title, status, detail: remedy.replaceAll("`", ""), instance: "/api/v1/…", code, request_id: "req_…" };
  return JSON.stringify(body, null, 2);
}

export default async function ErrorCodePage({ params }: ErrorCodePageProps) {
  assertSitePage();
  const found = findError((await params).code);
  if (!found) notFound();
  return (
    <div className="max-w-180">
      <p className="pt-5 text-[13px] text-ink-3">
        <Link href="/docs" className="hover:text-ink" prefetch={false}>
          Developers
        </Link>{" "}
        · Error {found.status}
      </p>
      <h1 className="mt-1">{found.title}</h1>
      <p className="mt-1 text-ink-2">
        <code>{found.code}</code>
      </p>
      <h2 className="mt-6">What to change</h2>
      <p className="prose mt-1 mb-6 text-base/6 text-ink-2">
        <InlineCode text={found.remedy} />
        {found.retryAfterSeconds !== undefined && ` The answer's Retry-After usually says ${found.retryAfterSeconds} s.`}
      </p>
      <CodeBlock title="The body" code={writeExample(found, await readOrigin())} />
    </div>
  );
}
