import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { firstOperator } from "../operator";

const CASE = { tenure: 2, contract: "Month-to-month", monthly_charges: 89.95 };
/** Five times as many as are promised to show the share, which chance alone then never misses by three points. */
const VISITORS = 2_500;
const AT_ONCE = 20;

/** Writes another author into an entry, in the database. @returns the author that stood there */
async function forgeAuthor(number: string, name: string): Promise<string> {
  const script = ["--conditions=react-server", "--import", "tsx", "e2e/admin/audit-forger.ts", number, name];
  return (await promisify(execFile)(process.execPath, script)).stdout;
}

async function signIn(page: Page): Promise<void> {
  const { email, password } = firstOperator();
  await page.goto("/admin");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/admin$/);
}

/** A file of the demo's churn model, up to its schema as it was found and an answer to it. */
async function upload(page: Page, slug: string, file: string): Promise<void> {
  await page.getByLabel("Model file").setInputFiles({
    name: `${slug}.onnx`,
    mimeType: "application/octet-stream",
    buffer: readFileSync(`demo/customer-churn/${file}`),
  });
  await page.getByRole("button", { name: "Upload model" }).click();
  await expect(page.getByRole("heading", { name: "What is inside" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("region", { name: "Fields", exact: true }).getByText("monthly_charges", { exact: true })).toBeVisible();
  const preview = page.getByRole("region", { name: "Preview", exact: true });
  await preview.getByRole("button", { name: "Try it" }).click();
  await expect(preview.getByText(/^This schema was answered/)).toBeVisible({ timeout: 30_000 });
}

/** Which arms and versions visitors are answered by, each from an address of its own; all of them are answered. */
async function askAsVisitors(page: Page, slug: string, count: number): Promise<string[]> {
  const waiting = Array.from({ length: count }, (_unused, index) => `10.77.${index >> 8}.${index & 255}`);
  const answers: string[] = [];
  const work = async () => {
    for (let address = waiting.pop(); address !== undefined; address = waiting.pop()) {
      const call = { data: { input: CASE }, headers: { "X-Forwarded-For": address } };
      const response = await page.request.post(`/api/v1/models/${slug}/predictions`, call);
      expect(response.status(), await response.text()).toBe(200);
      answers.push(`${response.headers()["model-arm"]} ${response.headers()["model-version"]}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}

/** Until every process answers everybody so. */
async function expectEverybody(page: Page, slug: string, answer: string): Promise<void> {
  await expect.poll(async () => [...new Set(await askAsVisitors(page, slug, 20))], { timeout: 10_000 }).toEqual([answer]);
}

/** Presses a button of the model's page, and the one that does it in the dialog that opens. */
async function act(page: Page, name: string, verb: string, reason: string): Promise<void> {
  await page.getByRole("region", { name: "Who answers" }).getByRole("button", { name }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: verb }).click();
  await expect(dialog).toHaveCount(0);
}

/** The calls that each arm answered, as the comparison on the model's page counts them. */
async function readCalls(page: Page): Promise<{ live: number; candidate: number }> {
  const row = page.getByRole("region", { name: "Version 1 against version 2" }).getByRole("row").filter({ hasText: /^Calls/ });
  const [live = "", candidate = ""] = await row.getByRole("cell").allTextContents();
  return { live: Number(live.replaceAll(",", "")), candidate: Number(candidate.replaceAll(",", "")) };
}

test("a file becomes a model, its next version is tried on a tenth of the customers, promoted and rolled back, and the audit proves who did it", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(240_000);
  const slug = `whole-way-${Date.now().toString(36)}`;
  await signIn(page);

  await page.goto("/admin/models/upload");
  await upload(page, slug, "model-v2.onnx");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
  await expect(page.getByText(`This is version 1 of ${slug}`)).toBeVisible({ timeout: 30_000 });
  const visitor = await browser.newContext({ baseURL });
  expect((await visitor.request.post(`/api/v1/models/${slug}/predictions`, { data: { input: CASE } })).status()).toBe(200);
  const customersPage = await visitor.newPage();
  await customersPage.goto(`/models/${slug}`);
  await expect(customersPage.getByRole("region", { name: "Answer" })).toContainText("%");
  await visitor.close();

  await page.goto(`/admin/models/upload?model=${slug}`);
  await upload(page, slug, "model.onnx");
  await page.getByRole("button", { name: "Publish" }).click();
  const dialog = page.getByRole("dialog", { name: /^Publish/ });
  await dialog.getByLabel("Start it as a candidate").check();
  await dialog.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByText(`This is version 2 of ${slug}`)).toBeVisible({ timeout: 30_000 });

  await page.goto(`/admin/models/${slug}`);
  await expect(page.getByRole("img", { name: "version 2 answers 10 %" })).toBeVisible();
  const drawn = async (count: number) => (await askAsVisitors(page, slug, count)).filter((answer) => answer === "candidate 2").length;
  let asked = 0;
  await expect.poll(async () => (asked += await drawn(100)), { timeout: 10_000 }).toBeGreaterThan(0);
  asked += await drawn(VISITORS);
  await expect.poll(async () => (await page.reload(), (await readCalls(page)).candidate), { timeout: 15_000 }).toBe(asked);
  const { live, candidate } = await readCalls(page);
  expect(Math.abs((100 * candidate) / (candidate + live) - 10)).toBeLessThanOrEqual(3);

  await act(page, "Promote version 2", "Promote", "Better on live calls.");
  await expectEverybody(page, slug, "live 2");
  await act(page, "Roll back to version 1", "Roll back", "Too many false alarms.");
  await expectEverybody(page, slug, "live 1");

  await page.goto(`/admin/audit?${new URLSearchParams({ target: slug })}`);
  const { email } = firstOperator();
  const acts = ["model.roll_back", "model.promote", "model.start_candidate", "version.add", "model.publish", "version.add"];
  const rows = page.getByRole("region", { name: "Table of entries" }).getByRole("row");
  await expect(rows).toHaveCount(1 + acts.length);
  for (const [index, action] of acts.entries()) {
    await expect(rows.nth(1 + index).getByRole("cell", { name: action, exact: true })).toBeVisible();
    await expect(rows.nth(1 + index).getByRole("cell", { name: email, exact: true })).toBeVisible();
  }

  const verify = page.getByRole("button", { name: "Verify" });
  await verify.click();
  await expect(page.getByText(/entries are as they were written\./)).toBeVisible();
  const promoted = (await rows.filter({ hasText: "model.promote" }).getByRole("cell").last().textContent()) ?? "";
  const author = await forgeAuthor(promoted, "Somebody else");
  try {
    await verify.click();
    await expect(page.getByText(`The chain breaks at entry ${promoted}.`)).toBeVisible();
  } finally {
    await forgeAuthor(promoted, author);
  }
  await verify.click();
  await expect(page.getByText(/entries are as they were written\./)).toBeVisible();
});
