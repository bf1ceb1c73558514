import Link from "next/link";
import { ModelPane } from "@/components/catalog/model-pane";
import { TaskFilter } from "@/components/catalog/task-filter";
import { Icon } from "@/components/ui/icon";
import { toShownVersion } from "@/lib/shown-version";
import { readCatalog } from "@/server/site/models";
import { assertSitePage } from "@/server/site/served";

interface HomePageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const one = (value: string | string[] | undefined) => (typeof value === "string" && value !== "" ? value : undefined);

/** Two panes side by side, then rows of three, as long as there are models. */
const spanOf = (index: number) => (index === 0 ? "min-[900px]:col-span-7" : index === 1 ? "min-[900px]:col-span-5" : "min-[900px]:col-span-4");

function NoModels({ filtered }: { filtered: boolean }) {
  return (
    <div className="pane mt-4 grid gap-2 p-8">
      <h2>{filtered ? "No model fits" : "No model is published yet"}</h2>
      <p className="text-ink-2">
        {filtered ? "Another word may find it: names, descriptions and inputs are searched." : "Load the five demo models with "}
        {!filtered && <code>npm run demo</code>}
      </p>
      {filtered && (
        <p>
          <Link href="/" className="btn" prefetch={false}>
            Show all models
          </Link>
        </p>
      )}
    </div>
  );
}

export default async function HomePage({ searchParams }: HomePageProps) {
  assertSitePage();
  const query = await searchParams;
  const [q, task, after] = [one(query["q"]), one(query["task"]), one(query["after"])];
  const { models, counts, next } = await readCatalog({ q, task, after });
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-x-8 gap-y-4 pt-5">
        <div>
          <h1>Try a model before you read about it</h1>
          <p className="mt-1 text-base/6 text-ink-2">Move a control and the answer moves with it. When one fits, call it from your own software.</p>
        </div>
        <form role="search" className="w-full min-[900px]:w-85" action="/">
          {task && <input type="hidden" name="task" value={task} />}
          <div className="input">
            <Icon name="search" />
            <input type="search" name="q" defaultValue={q} aria-label="Search models and inputs" placeholder="Search models and inputs" />
          </div>
        </form>
      </div>
      <TaskFilter counts={counts} task={task} q={q} />
      {models.length === 0 && <NoModels filtered={q !== undefined || task !== undefined} />}
      <div className="mt-4 grid gap-5 min-[900px]:grid-cols-12">
        {models.map(({ slug, card, live, paused }, index) => (
          <div key={slug} className={`grid min-w-0 ${spanOf(index)}`}>
            <ModelPane slug={slug} name={card.name} pitch={card.pitch} live={toShownVersion(live)} paused={paused !== null} wide={index === 0} />
          </div>
        ))}
      </div>
      {next && (
        <p className="mt-5">
          <Link className="btn" href={{ pathname: "/", query: { ...(q && { q }), ...(task && { task }), after: next } }} prefetch={false}>
            More models
          </Link>
        </p>
      )}
    </>
  );
}
