/**
 * Loads the models of `demo/` into the catalog: `node --conditions=react-server --import tsx bin/load-demo.ts`.
 * Loading again changes nothing; an alias that somebody moved stays where it is.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { histogram, modelCard, versionMetrics, type Histogram } from "@/lib/contracts/catalog";
import { modelSchema, type ModelSchema } from "@/lib/contracts/model-schema";
import { closeDatabase } from "@/server/core/db";
import { getAlias, listAliasMoves, prepareCatalog, setAlias } from "@/server/modules/catalog/service.admin";
import { toKnownOutput } from "@/server/modules/predict/known-answers";
import { publishVersion } from "@/server/modules/predict/service.admin";

const DEMO = join(import.meta.dirname, "..", "demo");
const LOADER = "demo loader";

const cardFile = modelCard.extend({
  slug: z.string(),
  versions: z.array(
    z.object({
      version: z.int(),
      file: z.string(),
      sha256: z.string(),
      algorithm: z.string(),
      trainedOn: z.string(),
      releaseNotes: z.string(),
      metrics: versionMetrics,
      reliability: z.array(z.record(z.string(), z.number())).optional(),
    }),
  ),
});
const exampleFile = z.array(
  z.object({
    name: z.string(),
    description: z.string(),
    inputs: z.record(z.string(), z.unknown()),
    expected: z.record(z.string(), z.record(z.string(), z.unknown())),
  }),
);
const baselineFile = z.object({
  predictions: z.record(z.string(), z.record(z.string(), z.looseObject({ histogram: histogram.optional() }))),
});

type Card = z.infer<typeof cardFile>;
type Examples = z.infer<typeof exampleFile>;

async function readJson<Value>(slug: string, name: string, shape: z.ZodType<Value>): Promise<Value> {
  const parsed = shape.safeParse(JSON.parse(await readFile(join(DEMO, slug, name), "utf8")));
  if (!parsed.success) throw new Error(`demo/${slug}/${name}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The shape behind an answer: the positive class' probability, or the value, over the training rows. */
function pickReference(schema: ModelSchema, predictions: Record<string, { histogram?: Histogram | undefined }>): Record<string, Histogram> {
  const entries = schema.outputs.flatMap((output) => {
    const positive = output.kind === "class" ? output.positiveClass : undefined;
    const found = predictions[positive === undefined ? output.name : `probability:${positive}`]?.histogram;
    return found ? [[output.name, found] as const] : [];
  });
  return Object.fromEntries(entries);
}

interface DemoModel {
  slug: string;
  card: Card;
  schema: ModelSchema;
  examples: Examples;
  predictions: z.infer<typeof baselineFile>["predictions"];
}

async function readDemo(slug: string): Promise<DemoModel> {
  const [card, schema, examples, { predictions }] = await Promise.all([
    readJson(slug, "card.json", cardFile),
    readJson(slug, "schema.json", modelSchema),
    readJson(slug, "examples.json", exampleFile),
    readJson(slug, "baseline.json", baselineFile),
  ]);
  return { slug, card, schema, examples, predictions };
}

async function publish({ slug, card, schema, examples, predictions }: DemoModel, entry: Card["versions"][number]): Promise<boolean> {
  const file = await readFile(join(DEMO, slug, entry.file));
  if (createHash("sha256").update(file).digest("hex") !== entry.sha256) {
    throw new Error(`demo/${slug}/${entry.file} is not the file that card.json describes.`);
  }
  const result = await publishVersion({
    slug,
    card,
    schema,
    file,
    examples: examples.map(({ name, description, inputs, expected }) => {
      return { name, description, input: inputs, expected: toKnownOutput(schema, expected[entry.file] ?? {}) };
    }),
    algorithm: entry.algorithm,
    trainedOn: entry.trainedOn,
    releaseNotes: entry.releaseNotes,
    metrics: entry.reliability ? { ...entry.metrics, reliability: entry.reliability } : entry.metrics,
    reference: pickReference(schema, predictions[entry.file] ?? {}),
    by: LOADER,
  });
  return result.added;
}

async function loadModel(slug: string): Promise<string> {
  const model = await readDemo(slug);
  let added = 0;
  for (const entry of model.card.versions) added += (await publish(model, entry)) ? 1 : 0;
  if ((await listAliasMoves(slug)).length === 0) await setAlias(slug, "live", 1, LOADER);
  const live = await getAlias(slug, "live");
  const answers = live === null ? "none is live" : `version ${live} is live`;
  return `${slug}: ${added === 0 ? "nothing new" : `${added} added`}, ${model.card.versions.length} versions, ${answers}`;
}

async function main(): Promise<void> {
  await prepareCatalog();
  const folders = await readdir(DEMO, { withFileTypes: true });
  const slugs = folders.filter((entry) => entry.isDirectory() && !entry.name.startsWith("_")).map((entry) => entry.name);
  for (const slug of slugs.sort()) process.stdout.write(`${await loadModel(slug)}\n`);
}

try {
  await main();
} catch (error) {
  const details = error instanceof Error && "errors" in error ? ` ${JSON.stringify(error.errors)}` : "";
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${details}\n`);
  process.exitCode = 1;
} finally {
  await closeDatabase();
}
