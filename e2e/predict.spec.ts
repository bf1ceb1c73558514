import { execFileSync } from "node:child_process";
import type { Page } from "@playwright/test";
import { axe, expect, sidewaysScroll, test, theme } from "./fixtures";

const CHURN = "/models/customer-churn";
const answerOf = (page: Page) => page.getByRole("region", { name: "Answer" });

/** The large figure of the answer, e.g. 76.6. */
async function readFigure(page: Page): Promise<number> {
  const text = (await answerOf(page).locator(".answer-figure").textContent()) ?? "";
  return Number(text.replace(/[^0-9.]/g, ""));
}

/** Counts the calls that the page makes to the model. */
function countCalls(page: Page): { made: number } {
  const calls = { made: 0 };
  page.on("request", (request) => {
    if (request.url().includes("/api/trpc/predict")) calls.made++;
  });
  return calls;
}

const waitForAnswer = (page: Page) => page.waitForResponse((response) => response.url().includes("/api/trpc/predict") && response.ok());

test("the first case is answered on arrival, in the server's own page, without a call", async ({ page, request }) => {
  const html = await (await request.get(CHURN)).text();
  expect(html).toContain("76.6");
  const calls = countCalls(page);
  await page.goto(CHURN, { waitUntil: "networkidle" });
  expect(await readFigure(page)).toBeCloseTo(76.6, 1);
  expect(calls.made).toBe(0);
});

test("a longer contract lowers the risk, and the change is written out", async ({ page }) => {
  await page.goto(CHURN);
  const before = await readFigure(page);
  await page.getByRole("radiogroup", { name: "Contract" }).getByText("Two year").click();
  await page.getByRole("button", { name: "Predict" }).click();
  await expect.poll(() => readFigure(page)).toBeLessThan(before);
  await expect(answerOf(page)).toContainText("since your last change");
  await expect(answerOf(page)).toContainText("before Leaves 76.6 %");
});

test("with the switch off nothing is asked until Predict, and the old answer says that it is old", async ({ page }) => {
  await page.goto(CHURN, { waitUntil: "networkidle" });
  await page.getByRole("switch", { name: "Answer as I move" }).click();
  const calls = countCalls(page);
  await page.getByRole("radiogroup", { name: "Contract" }).getByText("Two year").click();
  await expect(answerOf(page)).toContainText("The fields have changed since this answer");
  expect(calls.made).toBe(0);
  await page.getByRole("button", { name: "Predict" }).click();
  await expect.poll(() => readFigure(page)).toBeLessThan(60);
  expect(calls.made).toBe(1);
});

test("a late answer never replaces a newer one", async ({ page }) => {
  await page.goto(CHURN, { waitUntil: "networkidle" });
  const held: (() => Promise<void>)[] = [];
  await page.route("**/api/trpc/predict**", async (route) => {
    if (held.length > 0) return route.continue();
    held.push(() => route.continue().catch(() => undefined));
  });
  const contract = page.getByRole("radiogroup", { name: "Contract" });
  await contract.getByText("One year").click();
  await expect.poll(() => held.length).toBe(1);
  const newer = waitForAnswer(page);
  await contract.getByText("Two year").click();
  await newer;
  await expect.poll(() => readFigure(page)).toBeLessThan(60);
  const shown = await readFigure(page);
  await held[0]?.();
  await page.waitForLoadState("networkidle");
  expect(await readFigure(page)).toBe(shown);
});

test("a wrong value is refused at its field, in words, without a call; what was typed stays", async ({ page }) => {
  await page.goto(CHURN, { waitUntil: "networkidle" });
  const calls = countCalls(page);
  const tenure = page.getByRole("textbox", { name: "Months as a customer" });
  await tenure.fill("two");
  await page.getByRole("button", { name: "Predict" }).click();
  await expect(page.getByText("Must be a whole number.")).toBeVisible();
  await expect(page.getByText("One field needs another value.")).toBeVisible();
  await expect(tenure).toBeFocused();
  await expect(tenure).toHaveValue("two");
  await expect(tenure).toHaveAttribute("aria-invalid", "true");
  expect(calls.made).toBe(0);
});

test("Predict pressed before the scripts have run still answers the case that was chosen", async ({ page }) => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/_next/static/**/*.js", async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  await page.goto(CHURN, { waitUntil: "commit" });
  await page.getByRole("textbox", { name: "Months as a customer" }).fill("40");
  await page.getByRole("radiogroup", { name: "Contract" }).getByText("Two year").click();
  await page.getByRole("button", { name: "Predict" }).click({ noWaitAfter: true });
  await expect(page).toHaveURL(/tenure=40/);
  release();
  await expect.poll(() => readFigure(page)).toBeLessThan(30);
  await expect(page.getByRole("radio", { name: "Two year" })).toBeChecked();
});

test("a value outside the training range is answered with a warning", async ({ page }) => {
  await page.goto(CHURN);
  await page.getByRole("textbox", { name: "Months as a customer" }).fill("90");
  await page.keyboard.press("Enter");
  await expect(answerOf(page)).toContainText("outside what the model was trained on");
});

test("the address holds the case, and a link restores it", async ({ page, context }) => {
  await page.goto(CHURN);
  const answered = waitForAnswer(page);
  await page.getByRole("textbox", { name: "Months as a customer" }).fill("40");
  await answered;
  await expect(page).toHaveURL(/\?tenure=40$/);
  await expect.poll(() => readFigure(page)).toBeLessThan(76);
  const figure = await readFigure(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.getByRole("textbox", { name: "Months as a customer" })).toHaveValue("40");
  await expect.poll(() => readFigure(other)).toBe(figure);
});

test("going back brings the case as it was left, not as the page began", async ({ page }) => {
  await page.goto(CHURN);
  const answered = waitForAnswer(page);
  await page.getByRole("textbox", { name: "Months as a customer" }).fill("40");
  await answered;
  await expect.poll(() => readFigure(page)).toBeLessThan(76);
  const figure = await readFigure(page);
  await page.getByRole("link", { name: "API", exact: true }).click();
  await expect(page).toHaveURL(/\/api$/);
  await page.goBack();
  await expect(page).toHaveURL(/\?tenure=40$/);
  await expect(page.getByRole("textbox", { name: "Months as a customer" })).toHaveValue("40");
  await expect.poll(() => readFigure(page)).toBe(figure);
});

test.describe("a limit that is reached", () => {
  test.use({ allowedConsole: [/status of 429/] });

  test("says how long to wait, and the last answer stays", async ({ page }) => {
    await page.goto(CHURN, { waitUntil: "networkidle" });
    const error = { message: "More calls than one address may send in a minute.", code: -32029, data: { code: "rate_limited", httpStatus: 429 } };
    await page.route("**/api/trpc/predict**", (route) => route.fulfill({ status: 429, headers: { "Retry-After": "37" }, json: [{ error }] }));
    await page.getByRole("textbox", { name: "Months as a customer" }).fill("40");
    await expect(answerOf(page).getByRole("alert")).toContainText("Ask again in 37 seconds.");
    expect(await readFigure(page)).toBeCloseTo(76.6, 1);
  });
});

test.describe("a case that the model has no answer to", () => {
  test.use({ allowedConsole: [/status of 422/] });

  test("is told at the field that is to blame, and asking the same again is not offered", async ({ page }) => {
    await page.goto("/models/house-price");
    const area = page.getByRole("textbox", { name: "Living area above ground" });
    await area.fill("-5");
    await expect(answerOf(page).getByRole("alert")).toHaveText("No answerThe model has no finite answer for these values.");
    await expect(area).toHaveAccessibleDescription(/The model was trained on values from 300 to 4000 sq ft\. It has no finite answer/);
    await area.fill("1500");
    await expect(answerOf(page).getByRole("alert")).toHaveCount(0);
  });
});

test("an example is one choice away", async ({ page }) => {
  await page.goto(CHURN);
  await page.getByRole("button", { name: "Try it: Loyal family on two years" }).click();
  await expect.poll(() => readFigure(page)).toBeLessThan(5);
  await expect(page.getByLabel("Start from", { exact: true })).toHaveValue("Loyal family on two years");
});

test("the whole journey works by keyboard alone", async ({ page }) => {
  await page.goto(CHURN, { waitUntil: "networkidle" });
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  const tenure = page.getByRole("textbox", { name: "Months as a customer" });
  for (let presses = 0; presses < 20 && !(await tenure.evaluate((element) => element === document.activeElement)); presses++) {
    await page.keyboard.press("Tab");
  }
  await expect(tenure).toBeFocused();
  const answered = waitForAnswer(page);
  await page.keyboard.press("Shift+ArrowUp");
  await answered;
  await expect(tenure).toHaveValue("12");
  await expect.poll(() => readFigure(page)).toBeLessThan(76);
});

test("a digit that is drawn is read", async ({ page }) => {
  await page.goto("/models/handwritten-digits", { waitUntil: "networkidle" });
  const box = await page.getByRole("img", { name: "Draw a digit" }).boundingBox();
  if (!box) throw new Error("There is nothing to draw on.");
  const answered = waitForAnswer(page);
  await page.mouse.move(box.x + box.width / 2, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height - 40, { steps: 8 });
  await page.mouse.up();
  await answered;
  await expect(answerOf(page).locator(".answer-figure")).toHaveText("1");
});

test("a message is read, and Ctrl+Enter asks from inside the text", async ({ page }) => {
  await page.goto("/models/spam-filter", { waitUntil: "networkidle" });
  await page.getByRole("switch", { name: "Answer as I move" }).click();
  await page.getByRole("textbox", { name: "Message" }).fill("Hi Anna, thanks for the notes. Our meeting is on Thursday at 3.");
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => readFigure(page)).toBeLessThan(50);
});

test("curl and Python run as pasted from the API tab", async ({ page, baseURL }) => {
  for (const slug of ["customer-churn", "spam-filter"]) {
    await page.goto(`/models/${slug}/api`);
    const read = async (title: string) => (await page.getByRole("region", { name: `${title}: code` }).textContent()) ?? "";
    const curl = await read("curl");
    expect(curl).toContain(baseURL);
    expect(JSON.parse(execFileSync("sh", ["-c", curl], { encoding: "utf8" }))).toMatchObject({ object: "prediction", model: slug });
    expect(execFileSync("python3", ["-c", await read("Python")], { encoding: "utf8" })).toContain("probabilities");
  }
});

for (const path of [CHURN, `${CHURN}/api`, `${CHURN}/about`, "/models/handwritten-digits", "/models/breast-cancer", "/models/house-price"]) {
  test(`${path} is accessible and fits a phone, light and dark`, async ({ page }) => {
    for (const scheme of ["light", "dark"] as const) {
      await theme(page, scheme);
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(path);
      expect(await axe(page), scheme).toEqual([]);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await sidewaysScroll(page)).toBe(0);
    }
  });
}

test.describe("a model that does not exist", () => {
  test.use({ allowedConsole: [/404/] });

  test("is a page with a way back", async ({ page }) => {
    const response = await page.goto("/models/no-such-model");
    expect(response?.status()).toBe(404);
    await page.getByRole("link", { name: "All models" }).click();
    await expect(page).toHaveURL(/\/$/);
  });
});
