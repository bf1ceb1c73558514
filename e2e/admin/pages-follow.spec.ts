import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { askConsole, readConsole, signInToConsole } from "../operator";
import { publishOwnModel } from "../own-model";

test.setTimeout(60_000);

/** What a visitor's page says, as the server sends it at this moment. */
async function readPage(page: Page, path: string): Promise<string> {
  const response = await page.request.get(path);
  return response.ok() ? (await response.text()).replaceAll(/<script\b.*?<\/script>|<!--.*?-->/gs, "") : String(response.status());
}

/** How many moves of its aliases an act has to know of. */
async function readRevision(page: Page, slug: string): Promise<number> {
  const input = encodeURIComponent(JSON.stringify({ slug }));
  return (await readConsole<{ release: { revision: number } }>(page, `models.get?input=${input}`)).release.revision;
}

// The console and the pages are one process here; another one follows within three seconds (server/modules/catalog/known.test.ts).
test("a publish and a pause are on the model's pages at once, also on those that were just looked at", async ({ page }) => {
  await signInToConsole(page);
  const slug = await publishOwnModel(page);
  const home = `/models/${slug}`;
  expect(await readPage(page, home)).toContain("version <b>1</b>");
  await askConsole(page, "models.setLive", { slug, version: 2, expected: await readRevision(page, slug) });
  expect(await readPage(page, home)).toContain("version <b>2</b>");
  expect(await readPage(page, home)).not.toContain("This model is paused");
  await askConsole(page, "models.pause", { slug, note: "The data is being corrected." });
  expect(await readPage(page, home)).toContain("The data is being corrected.");
  await askConsole(page, "models.resume", { slug });
  expect(await readPage(page, home)).not.toContain("The data is being corrected.");
});
