import type { Page } from "@playwright/test";
import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { addOperator, signInToConsole } from "../operator";
import { addChurnVersion, publishOwnModel, readChurnInput, readChurnSchema } from "../own-model";

test.setTimeout(90_000);

const dialogOf = (page: Page) => page.getByRole("dialog");
const whoAnswers = (page: Page) => page.getByRole("region", { name: "Who answers" });

/** Which arms and versions so many visitors are answered by, each from an address of its own. */
async function askAsVisitors(page: Page, slug: string, count: number): Promise<string[]> {
  const network = 1 + Math.floor(Math.random() * 200);
  const ask = async (index: number): Promise<string> => {
    const headers = { "X-Forwarded-For": `10.${network}.${index >> 8}.${index & 255}` };
    const response = await page.request.post(`/api/v1/models/${slug}/predictions`, { data: { input: readChurnInput() }, headers });
    return response.ok() ? `${response.headers()["model-arm"]} ${response.headers()["model-version"]}` : (await response.json()).code;
  };
  const answers: string[] = [];
  for (let from = 0; from < count; from += 10) {
    answers.push(...(await Promise.all(Array.from({ length: Math.min(10, count - from) }, (_unused, index) => ask(from + index)))));
  }
  return answers;
}

/** What a visitor is answered by from now on, once every process knows. */
async function expectEverybody(page: Page, slug: string, answer: string): Promise<void> {
  await expect.poll(async () => [...new Set(await askAsVisitors(page, slug, 10))], { timeout: 10_000 }).toEqual([answer]);
}

async function actInDialog(page: Page, verb: string, reason: string): Promise<void> {
  await dialogOf(page).getByLabel("Reason").fill(reason);
  await dialogOf(page).getByRole("button", { name: verb }).click();
  await expect(dialogOf(page)).toHaveCount(0);
}

async function openModel(page: Page): Promise<string> {
  await signInToConsole(page);
  const slug = await publishOwnModel(page);
  await page.goto(`/admin/models/${slug}`, { waitUntil: "networkidle" });
  return slug;
}

for (const width of [1440, 390]) {
  test(`a press in the middle of a row opens that row's model, ${width} wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await signInToConsole(page);
    await page.goto("/admin/models");
    const rows = page.getByRole("region", { name: "Table of models" }).locator("tbody tr");
    await expect.poll(() => rows.count()).toBeGreaterThan(2);
    for (let index = 0; index < (await rows.count()); index++) {
      const row = rows.nth(index);
      await row.scrollIntoViewIfNeeded();
      const href = await row.getByRole("link").getAttribute("href");
      const box = await row.boundingBox();
      const at = { x: Math.min((box?.x ?? 0) + (box?.width ?? 0) / 2, width - 40), y: (box?.y ?? 0) + (box?.height ?? 0) / 2 };
      const hit = await page.evaluate(({ x, y }) => document.elementFromPoint(x, y)?.closest("a")?.getAttribute("href"), at);
      expect(hit, `row ${index}`).toBe(href);
    }
    await rows.first().click();
    await expect(page).toHaveURL(/\/admin\/models\/[a-z-]+$/);
  });
}

test("a candidate gets its share of the customers, is compared, promoted and rolled back, and the history names each move", async ({ page }) => {
  const slug = await openModel(page);
  await whoAnswers(page).getByRole("textbox", { name: "Share of customers" }).fill("50");
  await whoAnswers(page).getByRole("button", { name: "Start candidate" }).click();
  await expect(dialogOf(page)).toContainText("Version 2 answers 50 % of the customers");
  await actInDialog(page, "Start candidate", "Better on paper.");
  await expect(whoAnswers(page).getByRole("img", { name: "version 2 answers 50 %" })).toBeVisible();
  await expect.poll(async () => [...new Set(await askAsVisitors(page, slug, 20))].sort(), { timeout: 10_000 }).toEqual(["candidate 2", "live 1"]);

  await whoAnswers(page).getByRole("textbox", { name: "Share of customers for version 2" }).fill("10");
  await whoAnswers(page).getByRole("button", { name: "Set to 10 %" }).click();
  await expect(whoAnswers(page).getByRole("img", { name: "version 2 answers 10 %" })).toBeVisible();
  const calls = page.getByRole("region", { name: "Version 1 against version 2" }).getByRole("row").filter({ hasText: /^Calls/ });
  await expect
    .poll(async () => (await page.reload(), Number((await calls.getByRole("cell").nth(1).textContent())?.replaceAll(",", ""))), { timeout: 15_000 })
    .toBeGreaterThan(0);

  await whoAnswers(page).getByRole("button", { name: "Promote version 2" }).click();
  await actInDialog(page, "Promote", "Better on live calls.");
  await expect(whoAnswers(page).getByRole("img", { name: "Version 2 answers all customers." })).toBeVisible();
  await expectEverybody(page, slug, "live 2");

  await whoAnswers(page).getByRole("button", { name: "Roll back to version 1" }).click();
  await actInDialog(page, "Roll back", "Too slow.");
  await expect(whoAnswers(page).getByRole("img", { name: "Version 1 answers all customers." })).toBeVisible();
  await expectEverybody(page, slug, "live 1");
  await expect(whoAnswers(page).getByRole("button", { name: "Roll back" })).toHaveCount(0);

  const history = page.getByRole("region", { name: "Table of moves" }).getByRole("row");
  await expect(history.nth(1)).toContainText("Rolled back from version 2 to version 1");
  await expect(history.nth(1)).toContainText("Too slow.");
  await expect(history.filter({ hasText: "Version 2 was promoted in place of version 1" })).toContainText("Better on live calls.");
  await expect(history.filter({ hasText: "Version 2 became the candidate at 50 %" })).toContainText("Better on paper.");
});

test("a trial is rolled back with the keyboard alone on a narrow screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const slug = await openModel(page);
  await whoAnswers(page).getByRole("button", { name: "Start candidate" }).focus();
  await page.keyboard.press("Enter");
  await expect(dialogOf(page)).toBeVisible();
  await dialogOf(page).getByLabel("Reason").focus();
  await page.keyboard.press("Enter");
  await expect(whoAnswers(page).getByRole("img", { name: "version 2 answers 10 %" })).toBeVisible();
  expect(await sidewaysScroll(page)).toBe(0);
  await whoAnswers(page).getByRole("slider").focus();
  await page.keyboard.press("ArrowRight");
  await expect(whoAnswers(page).getByRole("button", { name: "Set to 11 %" })).toBeEnabled();
  await whoAnswers(page).getByRole("button", { name: "Roll back to version 1" }).focus();
  await page.keyboard.press("Enter");
  await expect(dialogOf(page)).toContainText("Version 2 stops answering");
  await page.keyboard.press("Escape");
  await expect(dialogOf(page)).toHaveCount(0);
  await expect(whoAnswers(page).getByRole("button", { name: "Roll back to version 1" })).toBeFocused();
  await page.keyboard.press("Enter");
  await dialogOf(page).getByRole("button", { name: "Roll back" }).focus();
  await page.keyboard.press("Enter");
  await expect(whoAnswers(page).getByRole("img", { name: "Version 1 answers all customers." })).toBeVisible();
  expect(await sidewaysScroll(page)).toBe(0);
  await expectEverybody(page, slug, "live 1");
});

test.describe("a version that breaks calls", () => {
  test.use({ allowedConsole: [/status of 4(03|09)/] });

  test("is published only where that is said and the password typed again, and names what breaks", async ({ page }) => {
    await signInToConsole(page);
    const slug = await publishOwnModel(page);
    const schema = readChurnSchema();
    const inputs = schema.inputs.map((field) => (field["name"] === "tenure" ? { ...field, default: undefined } : field));
    expect(await addChurnVersion(page, slug, "model-v2.onnx", { ...schema, inputs })).toBe(3);
    await page.goto(`/admin/models/${slug}`, { waitUntil: "networkidle" });
    await page.getByRole("button", { name: "Inspect version 3" }).click();
    await expect(dialogOf(page)).toContainText("Input tenure Must be sent; it could be left out before.");
    await dialogOf(page).getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Publish version 3" }).click();
    await dialogOf(page).getByRole("button", { name: "Publish" }).click();
    await expect(dialogOf(page)).toContainText("Say that calls may break");
    await dialogOf(page).getByLabel("Do it although calls break").check();
    await dialogOf(page).getByRole("button", { name: "Publish" }).click();
    const password = dialogOf(page).filter({ hasText: "Type your password again" });
    await password.getByLabel("Password", { exact: true }).fill(process.env.ADMIN_PASSWORD ?? "");
    await password.getByRole("button", { name: "Confirm" }).click();
    await expect(whoAnswers(page).getByRole("img", { name: "Version 3 answers all customers." })).toBeVisible();
    await whoAnswers(page).getByRole("button", { name: "Roll back to version 1" }).click();
    await dialogOf(page).getByRole("button", { name: "Roll back" }).click();
    await expect(whoAnswers(page).getByRole("img", { name: "Version 1 answers all customers." })).toBeVisible();
  });

  test("is told when somebody else was faster, and the page shows how it is now", async ({ page, context }) => {
    const slug = await openModel(page);
    const other = await context.newPage();
    await other.goto(`/admin/models/${slug}`, { waitUntil: "networkidle" });
    for (const tab of [other, page]) await whoAnswers(tab).getByRole("button", { name: "Start candidate" }).click();
    await actInDialog(other, "Start candidate", "First.");
    await dialogOf(page).getByRole("button", { name: "Start candidate" }).click();
    await expect(whoAnswers(page).getByRole("alert")).toContainText("moved meanwhile");
    await expect(whoAnswers(page).getByRole("button", { name: "Promote version 2" })).toBeVisible();
  });
});

test.describe("a paused model", () => {
  test.use({ allowedConsole: [/status of 503/] });

  test("refuses predictions with the note, says so on its page, and answers again once it is resumed", async ({ page }) => {
    const slug = await openModel(page);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect(page.getByText("Note is missing")).toBeVisible();
    await page.getByLabel("Note to customers").fill("The data is being corrected.");
    await page.getByRole("button", { name: "Pause" }).click();
    await expect(page.getByText("Paused: The data is being corrected.")).toBeVisible();
    await expectEverybody(page, slug, "model_unavailable");
    await expect(async () => {
      await page.goto(`/models/${slug}`);
      await expect(page.getByRole("status").filter({ hasText: "This model is paused" })).toContainText("The data is being corrected.");
    }).toPass({ timeout: 6_000 });
    await page.goto(`/admin/models/${slug}`, { waitUntil: "networkidle" });
    await page.getByRole("button", { name: "Resume" }).click();
    await expect(page.getByText("The model answers again.")).toBeVisible();
    await expectEverybody(page, slug, "live 1");
  });
});

test.describe("an unpublished model", () => {
  test.use({ allowedConsole: [/status of 40[34]/] });

  test("is found by no customer, after the password was typed, until it is published again", async ({ page }) => {
    const slug = await openModel(page);
    await page.getByRole("button", { name: "Unpublish" }).click();
    await expect(dialogOf(page)).toContainText("answer 404");
    await dialogOf(page).getByRole("button", { name: "Unpublish" }).click();
    const password = dialogOf(page).filter({ hasText: "Type your password again" });
    await password.getByLabel("Password", { exact: true }).fill(process.env.ADMIN_PASSWORD ?? "");
    await password.getByRole("button", { name: "Confirm" }).click();
    await expect(whoAnswers(page)).toContainText("Customers do not see this model");
    await expectEverybody(page, slug, "not_found");
    expect((await page.request.get(`/models/${slug}`)).status()).toBe(404);
    await page.goto(`/admin/models?${new URLSearchParams({ q: slug, state: "unpublished" })}`);
    await page.getByRole("link", { name: `Churn ${slug}` }).click();
    await whoAnswers(page).getByRole("button", { name: "Publish version 1" }).click();
    await actInDialog(page, "Publish", "Back again.");
    await expectEverybody(page, slug, "live 1");
  });
});

test("the card is edited with a preview, in Markdown that stays text, and customers read it", async ({ page }) => {
  const slug = await openModel(page);
  const text = "Says **who leaves**.\n\n- soon\n- [later](https://example.com)\n\n<img src=x onerror=alert(1)> [x](javascript:alert(1))";
  await page.getByLabel("Description").fill(text);
  const preview = page.getByRole("region", { name: "Preview" });
  await expect(preview.getByText("who leaves", { exact: true })).toHaveCSS("font-weight", "600");
  await expect(preview.locator("img")).toHaveCount(0);
  await page.getByRole("button", { name: "Save card" }).click();
  await expect(page.getByText("The card is saved")).toBeVisible();
  await expect(async () => {
    await page.goto(`/models/${slug}/about`);
    await expect(page.getByText("who leaves", { exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 6_000 });
  await expect(page.getByRole("link", { name: "later" })).toHaveAttribute("href", "https://example.com/");
  await expect(page.getByText("<img src=x onerror=alert(1)> [x](javascript:alert(1))")).toBeVisible();
});

test("a viewer sees everything and can move nothing", async ({ page, browser, baseURL, extraHTTPHeaders }) => {
  const slug = await openModel(page);
  const viewer = await addOperator(page, "viewer");
  const context = await browser.newContext({ baseURL: baseURL ?? "", extraHTTPHeaders: extraHTTPHeaders ?? {} });
  const theirs = await context.newPage();
  await signInToConsole(theirs, viewer);
  await theirs.goto(`/admin/models/${slug}`, { waitUntil: "networkidle" });
  await expect(whoAnswers(theirs)).toContainText("Your role may look.");
  for (const name of ["Start candidate", "Unpublish", "Pause", "Save card"]) await expect(theirs.getByRole("button", { name })).toBeDisabled();
  await expect(theirs.getByRole("button", { name: /^Publish/ })).toHaveCount(0);
  await context.close();
});

for (const [width, scheme] of [[1440, "light"], [1440, "dark"], [390, "light"], [390, "dark"]] as const) {
  test(`the list and a model's page have no accessibility faults and fit, ${width} wide and ${scheme}`, async ({ page }) => {
    await theme(page, scheme);
    await page.setViewportSize({ width, height: 900 });
    const slug = await openModel(page);
    await whoAnswers(page).getByRole("button", { name: "Start candidate" }).click();
    expect(await axe(page)).toEqual([]);
    await dialogOf(page).getByRole("button", { name: "Start candidate" }).click();
    await expect(whoAnswers(page).getByRole("button", { name: "Promote version 2" })).toBeVisible();
    expect(await axe(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
    await page.getByRole("button", { name: "Inspect version 2" }).click();
    expect(await axe(page)).toEqual([]);
    await page.goto(`/admin/models?${new URLSearchParams({ q: slug })}`, { waitUntil: "networkidle" });
    expect(await axe(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
  });
}
