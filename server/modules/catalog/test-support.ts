import "server-only";
import { randomBytes } from "node:crypto";
import { vi } from "vitest";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { ReleaseState } from "@/lib/contracts/releases.admin";
import { getModelForConsole } from "@/server/modules/catalog/console.admin";
import { addVersion, hashBytes, type NewVersion, setAlias } from "@/server/modules/catalog/service.admin";

/** The schema of a model with one number in and one number out. */
export const priceSchema: ModelSchema = {
  schemaVersion: 1,
  task: "regression",
  inputs: [{ name: "size", label: "Size of the home", required: true, type: "number", tensor: { name: "x" } }],
  tensors: { inputs: [{ name: "x", dtype: "float32", shape: ["N", 1], layout: "column", fields: ["size"] }], outputs: [{ name: "y" }] },
  outputs: [{ name: "price", label: "Price", kind: "number", tensor: "y" }],
};

/** The same with a field more, which callers of the first one do not send. */
export const breakingSchema: ModelSchema = {
  ...priceSchema,
  inputs: [...priceSchema.inputs, { name: "rooms", label: "Rooms", required: true, type: "number", tensor: { name: "x" } }],
};

/** Everything a version needs, over a file that is no model. */
export function createVersion(slug: string, file: Uint8Array, changes: Partial<NewVersion> = {}): NewVersion {
  return {
    slug,
    card: { name: `Model ${slug}`, pitch: "Says a price.", description: "", data: { title: "Sales", licence: "CC0" }, limitations: [] },
    schema: priceSchema,
    file,
    uploadedSha256: hashBytes(file),
    algorithm: "Ridge",
    trainedOn: "2026-01-31",
    releaseNotes: "First.",
    metrics: { mae: 3.5, confusion: { a: 1 }, matrix: [[1, 2]] },
    latency: { p50_ms: 0.1, p95_ms: 0.2, measured_rows: 3 },
    examples: [{ name: "Small", description: "", input: { size: 30 }, output: { price: { value: 9.5, unit: "" } } }],
    reference: { price: { edges: [0, 1, 2], counts: [4, 5] } },
    by: "ada",
    ...changes,
  };
}

/** A model with as many versions as there are schemas, the first of them live. */
export async function createModel(slug: string, schemas: ModelSchema[]): Promise<void> {
  for (const schema of schemas) await addVersion(createVersion(slug, randomBytes(20), { schema }));
  await setAlias(slug, "live", 1, "ada");
}

export async function readState(slug: string): Promise<ReleaseState> {
  return (await getModelForConsole(slug)).release;
}

/** What every act on a model needs, as somebody sends it who has just loaded the page. */
export async function seen(slug: string, reason = "") {
  return { slug, expected: (await readState(slug)).revision, reason, accept_breaking: false };
}

/** The same schema of another task, so that it is another version and breaks nobody. */
export const otherSchema: ModelSchema = { ...priceSchema, task: "other" };

/** The catalog as another process knows it, on the same database. */
export async function importElsewhere() {
  const holder: typeof globalThis & { vitrineCatalog?: unknown } = globalThis;
  const { vitrineCatalog } = holder;
  delete holder.vitrineCatalog;
  vi.resetModules();
  const elsewhere = await import("@/server/modules/catalog/service");
  Object.assign(holder, { vitrineCatalog });
  return elsewhere;
}
