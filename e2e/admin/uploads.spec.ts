import { readFileSync } from "node:fs";
import type { Locator, Page } from "@playwright/test";
import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { addOperator, askConsole, confirmPassword, signInToConsole } from "../operator";

const CHURN = "demo/customer-churn/model-v2.onnx";
const CASE = { months: 2, contract: "Month-to-month", monthly_charges: 89.95 };

/** A slug, and so a file name, of this test alone. */
const invent = (word: string) => `${word}-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;

const fileOf = (name: string, buffer = readFileSync(CHURN)) => ({ name: `${name}.onnx`, mimeType: "application/octet-stream", buffer });

/** From the upload page to the draft of a file. */
async function uploadChurn(page: Page, slug: string): Promise<void> {
  await page.goto("/admin/models/upload");
  await page.getByLabel("Model file").setInputFiles(fileOf(slug));
  await page.getByRole("button", { name: "Upload model" }).click();
  await page.waitForURL(/\/admin\/models\/drafts\/drf_/);
  await expect(page.getByRole("heading", { name: "What is inside" })).toBeVisible({ timeout: 30_000 });
}

const fieldsOf = (page: Page): Locator => page.getByRole("region", { name: "Fields", exact: true });
const previewOf = (page: Page): Locator => page.getByRole("region", { name: "Preview", exact: true });

/** Asks the model the case in the form, as the draft stands. */
async function tryDraft(page: Page): Promise<void> {
  await previewOf(page).getByRole("button", { name: "Try it" }).click();
  await expect(previewOf(page).getByText(/^This schema was answered/)).toBeVisible({ timeout: 30_000 });
}

const journey = "a file becomes a model: its schema is found, a field renamed, tried, published, and customers are answered at once";

test(journey, async ({ page, browser, baseURL }) => {
  test.setTimeout(120_000);
  const slug = invent("churn");
  await signInToConsole(page);
  await uploadChurn(page, slug);

  const fields = fieldsOf(page);
  await expect(fields.getByText("contract", { exact: true })).toBeVisible();
  await expect(page.getByLabel("Address")).toHaveValue(slug);
  await fields.getByText("tenure", { exact: true }).click();
  await fields.getByLabel("Name", { exact: true }).fill("months");
  await fields.getByLabel("Label", { exact: true }).fill("Months as a customer");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await expect(previewOf(page).getByLabel("Months as a customer")).toBeVisible();

  const publish = page.getByRole("button", { name: "Publish" });
  await expect(publish).toBeDisabled();
  await expect(publish).toHaveAccessibleDescription("Try it first, as it is now.");
  await tryDraft(page);
  await expect(previewOf(page).getByRole("region", { name: "Answer" })).toContainText("%");
  await publish.click();
  const dialog = page.getByRole("dialog", { name: /^Publish/ });
  await expect(dialog.getByText(`From that moment the page /models/${slug}`)).toBeVisible();
  await dialog.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByText(`This is version 1 of ${slug}`)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("link", { name: "Open the customers’ page" })).toHaveAttribute("href", `/models/${slug}`);

  const visitor = await browser.newContext({ baseURL });
  const answered = await visitor.request.post(`/api/v1/models/${slug}/predictions`, { data: { input: CASE } });
  expect(answered.status(), await answered.text()).toBe(200);
  const shop = await visitor.newPage();
  await shop.goto(`/models/${slug}`);
  await expect(shop.getByLabel("Months as a customer").first()).toBeVisible();
  await expect(shop.getByRole("region", { name: "Answer" })).toContainText("%");
  await visitor.close();
});

test.describe("a file that is no model", () => {
  test.use({ allowedConsole: [/status of 422/] });

  test("is refused in words, and another one can be chosen", async ({ page }) => {
    test.setTimeout(120_000);
    await signInToConsole(page);
    await page.goto("/admin/models/upload");
    const picture = Buffer.from("\x89PNG\r\n\x1a\nnot a model at all", "latin1");
    await page.getByLabel("Model file").setInputFiles(fileOf(invent("picture"), picture));
    await page.getByRole("button", { name: "Upload model" }).click();
    const refusal = page.getByRole("alert").filter({ hasText: "cannot be used" });
    await expect(refusal).toContainText("PNG", { timeout: 30_000 });
    await page.getByRole("button", { name: "Choose another file" }).click();
    await expect(page.getByRole("button", { name: "Upload model" })).toBeVisible();
  });
});

test("a file that is chosen before the scripts have come is taken all the same", async ({ page }) => {
  await signInToConsole(page);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/_next/static/**/*.js", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("/admin/models/upload", { waitUntil: "commit" });
  await page.getByLabel("Model file").setInputFiles(fileOf("early", Buffer.from("early")));
  await expect(page.getByRole("button", { name: "Upload model" })).toBeDisabled();
  release();
  await expect(page.getByText("early.onnx")).toBeVisible();
  await expect(page.getByRole("button", { name: "Upload model" })).toBeEnabled();
});

test.describe("on a bad line", () => {
  test.use({ allowedConsole: [/Failed to load resource/] });

  test("parts that are lost are sent again, and an upload that was left goes on where it was", async ({ page }) => {
    test.setTimeout(120_000);
    const name = invent("large");
    // Three parts; no model, because only the way here is looked at.
    const file = fileOf(name, Buffer.alloc(7 * 1024 * 1024, 1));
    const sent: string[] = [];
    let cut = true;
    await page.route(/\/admin\/uploads\/upl_/, async (route) => {
      const part = route.request().url().split("/").at(-1) ?? "";
      sent.push(part);
      if (cut && part === "1") return route.abort("connectionreset");
      return route.continue();
    });
    await signInToConsole(page);
    await page.goto("/admin/models/upload");
    await page.getByLabel("Model file").setInputFiles(file);
    await page.getByRole("button", { name: "Upload model" }).click();
    await expect(page.getByRole("progressbar", { name: "Upload" })).toBeVisible();
    await expect.poll(() => sent.filter((part) => part === "1").length, { timeout: 15_000 }).toBeGreaterThan(1);
    await expect.poll(() => sent.includes("0") && sent.includes("2")).toBe(true);
    await page.getByRole("button", { name: "Cancel" }).click();
    cut = false;
    sent.length = 0;
    await page.getByRole("button", { name: "Upload model" }).click();
    await expect(page.getByText(`${name}.onnx cannot be used`)).toBeVisible({ timeout: 30_000 });
    expect(sent).toEqual(["1"]);
  });
});

test.describe("a draft that two operators change", () => {
  test.use({ allowedConsole: [/status of 409/] });

  test("tells of the other's change and never writes over it", async ({ page }) => {
    test.setTimeout(120_000);
    await signInToConsole(page);
    await uploadChurn(page, invent("both"));
    const id = page.url().split("/").at(-1) ?? "";
    await askConsole(page, "uploads.change", { id, revision: 1, changes: { algorithm: "Theirs" } });
    await page.getByLabel("Algorithm").fill("Mine");
    await expect(page.getByRole("alert").filter({ hasText: "Somebody else changed this draft" })).toBeVisible();
    await page.getByRole("button", { name: "Load it again" }).click();
    await expect(page.getByLabel("Algorithm")).toHaveValue("Theirs");
  });
});

test("a new version whose schema breaks calls is compared, and takes an alias only when that is said", async ({ page }) => {
  test.setTimeout(120_000);
  const slug = invent("second");
  await signInToConsole(page);
  await uploadChurn(page, slug);
  await tryDraft(page);
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
  await expect(page.getByText(`This is version 1 of ${slug}`)).toBeVisible({ timeout: 30_000 });

  await page.goto(`/admin/models/upload?model=${slug}`);
  await expect(page.getByLabel("For which model")).toHaveValue(slug, { timeout: 30_000 });
  await page.getByLabel("Model file").setInputFiles(fileOf(slug, readFileSync("demo/customer-churn/model.onnx")));
  await page.getByRole("button", { name: "Upload model" }).click();
  await page.waitForURL(/\/admin\/models\/drafts\/drf_/);
  const difference = page.getByRole("region", { name: /^Difference to live version 1/ });
  await expect(difference).toContainText("Nothing breaks");
  const fields = fieldsOf(page);
  await fields.getByText("tenure", { exact: true }).click();
  await fields.getByLabel("Name", { exact: true }).fill("months");
  await fields.getByLabel("Name", { exact: true }).press("Enter");
  await expect(difference).toContainText("would break calls");
  await tryDraft(page);
  await page.getByRole("button", { name: "Publish" }).click();
  const dialog = page.getByRole("dialog", { name: /^Publish/ });
  await dialog.getByLabel("Start it as a candidate").check();
  await dialog.getByRole("button", { name: "Publish" }).click();
  await expect(dialog.getByText("Say that calls may break")).toBeVisible();
  await dialog.getByLabel("Do it although calls break").check();
  await confirmPassword(page);
  await dialog.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByText(`This is version 2 of ${slug}`)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("A share of the customers is answered by it.")).toBeVisible();
  await page.reload();
  await expect(page.getByText("A share of the customers is answered by it.")).toBeVisible();
  expect(await axe(page)).toEqual([]);
});

test("training rows show what they would change, and only what is chosen goes into the draft; no day of training is made up", async ({ page }) => {
  test.setTimeout(120_000);
  await signInToConsole(page);
  await uploadChurn(page, invent("rows"));
  await expect(page.getByLabel("Trained on")).toHaveValue("");
  const fields = fieldsOf(page);
  await fields.getByText("tenure", { exact: true }).click();
  await fields.getByLabel("Smallest").fill("0");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();

  const rows = page.getByRole("region", { name: "Training rows" });
  const csv = Buffer.from(["tenure,monthly_charges", "1,20.5", "40,70", "71,118.75"].join("\n"));
  await rows.getByLabel("Choose a CSV file").setInputFiles({ name: "rows.csv", mimeType: "text/csv", buffer: csv });
  await expect(rows.getByText("3 rows were read. The draft is as it was.")).toBeVisible({ timeout: 30_000 });
  await expect(fields.getByLabel("Smallest")).toHaveValue("0");
  await expect(rows.getByRole("checkbox", { name: /^tenure Smallest 0 becomes 1 / })).toBeChecked();
  expect(await axe(page)).toEqual([]);
  await rows.getByRole("checkbox", { name: /^tenure/ }).uncheck();
  await rows.getByRole("button", { name: "Take these 2" }).click();
  await expect(rows.getByText("1 field and the known answers went into the draft.")).toBeVisible();
  await expect(rows.getByRole("img", { name: /answers to 3 known cases/ })).toBeVisible();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await expect(fields.getByLabel("Smallest")).toHaveValue("0");
  await fields.getByText("monthly_charges", { exact: true }).click();
  await expect(fields.getByLabel("Largest").last()).toHaveValue("118.75");
});

test("the way from the file to customers can be walked by keyboard alone", async ({ page }) => {
  test.setTimeout(120_000);
  const slug = invent("keys");
  await signInToConsole(page);
  await page.goto("/admin/models/upload", { waitUntil: "networkidle" });
  // The system's own window for files is out of a test's reach: the control that opens it must take the focus.
  await page.getByLabel("Model file").focus();
  await expect(page.getByLabel("Model file")).toBeFocused();
  await page.getByLabel("Model file").setInputFiles(fileOf(slug));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Upload model" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/admin\/models\/drafts\/drf_/);

  const fields = fieldsOf(page);
  await expect(fields.locator("summary").first()).toBeVisible();
  const [first, second] = await fields.locator("summary code").allInnerTexts();
  await fields.locator("summary").first().focus();
  await page.keyboard.press("Tab");
  await expect(fields.getByRole("button", { name: `Move ${first} down` })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(fields.locator("summary code").first()).toHaveText(second ?? "");
  await expect(fields.getByRole("button", { name: `Move ${first} down` })).toBeFocused();

  await previewOf(page).getByRole("button", { name: "Try it" }).focus();
  await page.keyboard.press("Enter");
  await expect(previewOf(page).getByText(/^This schema was answered/)).toBeVisible({ timeout: 30_000 });
  await page.getByRole("button", { name: "Publish" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: /^Publish/ });
  await expect(dialog.getByLabel("Open it to customers")).toBeVisible();
  await dialog.getByLabel("Open it to customers").focus();
  await page.keyboard.press("ArrowDown");
  await expect(dialog.getByLabel("Only store it")).toBeChecked();
  await page.keyboard.press("Enter");
  await expect(page.getByText(`This is version 1 of ${slug}`)).toBeVisible({ timeout: 30_000 });
});

test("a viewer sees a draft and can change nothing", async ({ page, browser, baseURL }) => {
  test.setTimeout(120_000);
  await signInToConsole(page);
  await uploadChurn(page, invent("look"));
  const address = new URL(page.url()).pathname;
  const viewer = await addOperator(page, "viewer");
  const context = await browser.newContext({ baseURL });
  const theirs = await context.newPage();
  await signInToConsole(theirs, viewer);
  await theirs.goto(address);
  await expect(theirs.getByText("Changing it takes the role operator")).toBeVisible();
  await expect(theirs.getByRole("button", { name: "Publish" })).toBeDisabled();
  await expect(theirs.getByLabel("Algorithm")).toBeDisabled();
  await theirs.goto("/admin/models/upload");
  await expect(theirs.getByRole("button", { name: "Upload model" })).toHaveAccessibleDescription(/role operator/);
  await context.close();
});

for (const scheme of ["light", "dark"] as const) {
  test(`both pages have no faults that axe finds and fit their window, ${scheme}`, async ({ page }) => {
    test.setTimeout(120_000);
    await theme(page, scheme);
    await signInToConsole(page);
    await uploadChurn(page, invent("axe"));
    await fieldsOf(page).locator("summary").first().click();
    await tryDraft(page);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await axe(page), `draft at ${width}`).toEqual([]);
      expect(await sidewaysScroll(page), `draft at ${width}`).toBe(0);
    }
    await page.goto("/admin/models/upload");
    await expect(page.getByRole("button", { name: "Upload model" })).toBeEnabled();
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await axe(page), `upload at ${width}`).toEqual([]);
      expect(await sidewaysScroll(page), `upload at ${width}`).toBe(0);
    }
  });
}
