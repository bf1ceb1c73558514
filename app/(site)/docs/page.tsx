import type { Metadata } from "next";
import Link from "next/link";
import { ApiReference } from "@/components/docs/api-reference";
import { CodeBlock } from "@/components/ui/code-block";
import { writeCurl } from "@/lib/snippets";
import { listErrors } from "@/server/site/errors";
import { readCatalog } from "@/server/site/models";
import { readCallsPerMinute, readOrigin } from "@/server/site/request";
import { assertSitePage } from "@/server/site/served";

export const metadata: Metadata = { title: "Developers", description: "Every address of the API, with its inputs, answers, headers and errors." };

function Basics({ origin }: { origin: string }) {
  const facts = [
    ["Base URL", <code key="base">{origin}/api/v1</code>],
    ["Many rows", <>Send up to 1,000 rows as <code>inputs</code>. One bad row refuses the call, and nothing is counted.</>],
    ["Limits", <>Every prediction says what is left in <code>RateLimit</code>; a refusal says when to come back in <code>Retry-After</code>.</>],
    ["Repeat safely", <>Send an <code>Idempotency-Key</code>, and the same call gives the same answer for 24 hours.</>],
    ["Request id", <>Every answer has a <code>request-id</code>. Yours is taken over when you send one.</>],
    ["Types", <><code>type AppRouter</code> for tRPC clients: <a className="link" href={`${origin}/vitrine.d.ts`}>vitrine.d.ts</a></>],
    ["OpenAPI 3.1", <a key="openapi" className="link" href={`${origin}/api/openapi.json`}>/api/openapi.json</a>],
  ] as const;
  return (
    <dl className="grid gap-x-6 gap-y-3 text-[13px] min-[560px]:grid-cols-[130px_1fr]">
      {facts.map(([term, words]) => (
        <div key={term} className="contents">
          <dt className="font-[550]">{term}</dt>
          <dd className="prose text-ink-2">{words}</dd>
        </div>
      ))}
    </dl>
  );
}

export default async function DocsPage() {
  assertSitePage();
  const [{ models }, origin] = await Promise.all([readCatalog({}), readOrigin()]);
  const shown = models.find(({ live }) => live.schema.inputs.every((field) => field.type !== "image")) ?? models[0];
  const perMinute = readCallsPerMinute();
  const call = shown && writeCurl({ origin, model: shown.slug, input: shown.live.examples[0]?.input ?? {} });
  return (
    <>
      <h1 className="pt-5">Developers</h1>
      <p className="mt-1 text-base/6 text-ink-2">One POST is one answer. The models here may be called without a key{perMinute > 0 && `, ${perMinute} times a minute`}.</p>
      <div className="mt-6 grid gap-8 min-[900px]:grid-cols-2">
        <Basics origin={origin} />
        {call && <CodeBlock title="A call that works" code={call} />}
      </div>
      <h2 className="mt-10">Reference</h2>
      <p className="mt-1 mb-4 text-ink-2">Open an address, fill it in, send it: the answer comes from this very service.</p>
      <ApiReference />
      <h2 className="mt-10">Errors</h2>
      <p className="mt-1 mb-3 text-ink-2">An error is a problem document (RFC 9457) with a stable code.</p>
      <ul className="grid gap-x-8 min-[700px]:grid-cols-2">
        {listErrors().map(({ code, status, title }) => (
          <li key={code} className="flex items-baseline gap-3 border-t border-grid py-2">
            <span className="tabular text-ink-3">{status}</span>
            <Link href={`/docs/errors/${code}`} className="link" prefetch={false}>
              <code>{code}</code>
            </Link>
            <span className="ml-auto text-right text-[13px] text-ink-2">{title}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
