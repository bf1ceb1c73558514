import type { Metadata } from "next";
import Link from "next/link";
import { ModelsFilter } from "@/components/admin/models/models-filter";
import { ModelsTable } from "@/components/admin/models/models-table";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import { firstValue } from "@/lib/first-value";
import { readModelsPage } from "@/server/admin/models-page";

export const metadata: Metadata = { title: "Models" };

interface ModelsPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

function NoModels({ filtered }: { filtered: boolean }) {
  return (
    <div className="grid justify-items-start gap-2 p-6">
      <p className="font-[550]">{filtered ? "No model fits" : "No model yet"}</p>
      <p className="max-w-[56ch] text-ink-2">
        {filtered
          ? "Search looks for every word in the names, pitches and inputs of all models."
          : "Upload an ONNX file: its inputs and outputs are read from the file, you name them, try it once, and publish it to customers."}
      </p>
    </div>
  );
}

export default async function ModelsPage({ searchParams }: ModelsPageProps) {
  const query = await searchParams;
  const [wanted, wantedState, after] = [query["q"], query["state"], query["after"]].map(firstValue);
  const { page, q, state, canAct } = await readModelsPage({ q: wanted, state: wantedState, after });
  const next = page.next_cursor;
  const more = { ...(q && { q }), ...(state && { state }), ...(next && { after: next }) };
  const upload = (
    <Link href="/admin/models/upload" className="btn btn-main" prefetch={false}>
      <Icon name="upload" size={14} />
      Upload model
    </Link>
  );
  return (
    <ConsolePage title="Models" actions={canAct ? upload : undefined}>
      <Card title="All models" aside={page.total === 1 ? "1 model" : `${page.total} models`} flush>
        <ModelsFilter key={`${q} ${state}`} q={q} state={state} />
        {page.items.length === 0 ? <NoModels filtered={(q ?? state) !== undefined} /> : <ModelsTable models={page.items} />}
      </Card>
      {next && (
        <p>
          <Link className="btn" href={{ pathname: "/admin/models", query: more }} prefetch={false}>
            More models
          </Link>
        </p>
      )}
    </ConsolePage>
  );
}
