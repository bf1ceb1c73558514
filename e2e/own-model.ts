import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { askConsole } from "./operator";

const CHURN = join(import.meta.dirname, "..", "demo", "customer-churn");
const readJson = (name: string) => JSON.parse(readFileSync(join(CHURN, name), "utf8"));

interface DraftView {
  id: string;
  revision: number;
}

/** Uploads a file of the demo's churn model as the console's pages do. */
async function uploadFile(page: Page, file: string): Promise<string> {
  const bytes = readFileSync(join(CHURN, file));
  const { id } = await askConsole<{ id: string }>(page, "uploads.start", { filename: file, bytes: bytes.length });
  const headers = { "content-type": "application/octet-stream", Origin: new URL((await page.request.get("/api/livez")).url()).origin };
  const stored = await page.request.put(`/admin/uploads/${id}/0`, { data: bytes, headers });
  expect(stored.ok(), await stored.text()).toBe(true);
  return id;
}

type ChurnFile = "model.onnx" | "model-v2.onnx";

/** Adds a version to a model, from a file of the demo's churn model; `schema` is what customers meet. */
export async function addChurnVersion(page: Page, slug: string, file: ChurnFile, schema: object = readJson("schema.json")): Promise<number> {
  const upload = await uploadFile(page, file);
  const { id } = await askConsole<DraftView>(page, "uploads.finish", { id: upload });
  const { name: _name, ...card } = readJson("card.json");
  const facts = { algorithm: file, trained_on: "2026-01-31", metrics: { accuracy: 0.8 } };
  const written = { slug, card: { ...card, name: `Churn ${slug}` }, schema, ...facts };
  const found = await page.request.get(`/admin/trpc/uploads.draft?input=${encodeURIComponent(JSON.stringify({ id }))}`);
  const { revision } = (await found.json()).result.data as DraftView;
  const changed = await askConsole<DraftView>(page, "uploads.change", { id, revision, changes: written });
  const [example] = readJson("examples.json");
  await askConsole(page, "uploads.try", { id, input: example.inputs });
  const { version } = await askConsole<{ version: number }>(page, "uploads.publish", { id, revision: changed.revision });
  return version;
}

/** What the churn model takes and gives, with a change to it. */
export function readChurnSchema(): { inputs: Record<string, unknown>[] } {
  return readJson("schema.json");
}

/** A model of the test's own with two versions, the first of them live. @returns its slug */
export async function publishOwnModel(page: Page): Promise<string> {
  const slug = `churn-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  expect(await addChurnVersion(page, slug, "model.onnx")).toBe(1);
  expect(await addChurnVersion(page, slug, "model-v2.onnx")).toBe(2);
  await askConsole(page, "models.setLive", { slug, version: 1, expected: 0 });
  return slug;
}

/** The input of the churn model's first example. */
export function readChurnInput(): Record<string, unknown> {
  return readJson("examples.json")[0].inputs;
}
