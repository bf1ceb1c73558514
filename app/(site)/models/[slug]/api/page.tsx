import type { Metadata } from "next";
import Link from "next/link";
import { KeyAdvice } from "@/components/keys/key-advice";
import { SchemaTable } from "@/components/predict/schema-table";
import { CodeBlock } from "@/components/ui/code-block";
import { writeCurl, writePython, writeTypeScript } from "@/lib/snippets";
import { readKeyHint } from "@/server/site/keys";
import { readModel } from "@/server/site/models";
import { readOrigin } from "@/server/site/request";
import { assertSitePage } from "@/server/site/served";
import { readCustomer } from "@/server/site/session";

interface ApiPageProps {
  params: Promise<{ slug: string }>;
}

export async function generateMetadata({ params }: ApiPageProps): Promise<Metadata> {
  const { card } = await readModel((await params).slug);
  return { title: `${card.name}: API`, description: `Call ${card.name} from your own software.` };
}

export default async function ApiPage({ params }: ApiPageProps) {
  assertSitePage();
  const { slug } = await params;
  const [{ live }, origin] = await Promise.all([readModel(slug), readOrigin()]);
  const [example] = live.examples;
  const signedIn = (await readCustomer()) !== null;
  const keyHint = signedIn ? await readKeyHint(slug) : null;
  const call = { origin, model: slug, input: example?.input ?? {}, keyHint: keyHint ?? undefined };
  return (
    <div className="mt-6 grid gap-x-8 gap-y-6 min-[900px]:grid-cols-[minmax(0,1fr)_minmax(0,520px)]">
      <div className="prose min-w-0">
        <h2>Call it from your own software</h2>
        <p className="mt-2 max-w-[60ch] text-ink-2">
          One POST is one answer. Send one row as <code>input</code>, or up to 1,000 as <code>inputs</code>; the answers come back in the same order.
          Numbers may be sent as text, fields with a default may be left out.
        </p>
        <KeyAdvice signedIn={signedIn} hint={keyHint} />
        <h2 className="mt-8 mb-2">Inputs</h2>
        <SchemaTable fields={live.schema.inputs} />
        <h2 className="mt-8 mb-2">Outputs</h2>
        <p className="max-w-[60ch] text-ink-2">
          <code>output</code> holds {live.schema.outputs.map((output) => output.name).join(", ")}. Errors are problem details (RFC 9457): every bad field at
          once, each with a JSON pointer. The{" "}
          <Link href="/docs" className="link" prefetch={false}>
            reference
          </Link>{" "}
          has every address, header and error.
        </p>
      </div>
      <div className="grid min-w-0 content-start gap-4">
        <CodeBlock title="curl" code={writeCurl(call)} />
        <CodeBlock title="TypeScript" code={writeTypeScript(call)} />
        <CodeBlock title="Python" code={writePython(call)} />
        <CodeBlock title="The answer's output" code={JSON.stringify(example?.output ?? {}, null, 2)} />
      </div>
    </div>
  );
}
