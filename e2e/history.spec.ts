import type { Page } from "@playwright/test";
import { makeKey, sendRows } from "./calls";
import { becomeCustomer } from "./customer";
import { axe, expect, sidewaysScroll, test, theme } from "./fixtures";

const CHURN = "customer-churn";
const links = (page: Page) => page.locator(".row-link");
const figureOf = (page: Page) => page.getByRole("region", { name: "Answer" }).locator(".answer-figure");

/** A customer with a key, and that key. */
async function becomeCaller(page: Page, baseURL: string | undefined): Promise<string> {
  await becomeCustomer(page);
  return makeKey(page, baseURL, "Nightly job");
}

test("an account without predictions is told what will stand here", async ({ page }) => {
  await becomeCustomer(page);
  await page.goto("/history");
  await expect(page.getByRole("heading", { name: "No predictions yet" })).toBeVisible();
  await page.getByRole("link", { name: "Try a model" }).click();
  await expect(page).toHaveURL(/\/$/);
});

test("an answer on a model's page is in the history, and goes back into the form as it was", async ({ page }) => {
  await becomeCustomer(page);
  await page.goto(`/models/${CHURN}`, { waitUntil: "networkidle" });
  await page.getByRole("textbox", { name: "Months as a customer" }).fill("40");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/prd_/)).toBeVisible();
  await page.goto("/history");
  await expect(page.getByRole("row").nth(1)).toContainText("Page");
  await links(page).first().click();
  await expect(page.getByRole("region", { name: "Inputs" })).toContainText("40 months");
  const figure = await figureOf(page).textContent();
  await page.getByRole("link", { name: "Put back into the form" }).click();
  await expect(page).toHaveURL(new RegExp(`/models/${CHURN}\\?tenure=40$`));
  await expect(page.getByRole("textbox", { name: "Months as a customer" })).toHaveValue("40");
  await expect(figureOf(page)).toHaveText(figure ?? "");
});

test("a picture and a text that is too long for an address go back into the form too", async ({ page, baseURL }) => {
  const secret = await becomeCaller(page, baseURL);
  const ink = Array.from({ length: 784 }, (_unused, index) => (index % 28 > 12 && index % 28 < 16 && index > 112 && index < 672 ? 255 : 0));
  const digit = await sendRows(baseURL, secret, "handwritten-digits", [{ image: ink }]);
  await page.goto(`/history/${digit.body.id}`);
  const figure = await figureOf(page).textContent();
  await page.getByRole("link", { name: "Put back into the form" }).click();
  await expect(page).toHaveURL(/\/models\/handwritten-digits\?image=/);
  await expect(figureOf(page)).toHaveText(figure ?? "");

  const text = "Приходите в гости завтра вечером. ".repeat(150);
  const message = await sendRows(baseURL, secret, "spam-filter", [{ text }]);
  await page.goto(`/history/${message.body.id}`);
  await page.getByRole("link", { name: "Put back into the form" }).click();
  await expect(page).toHaveURL(/\/models\/spam-filter\?case-of=prd_/);
  await expect(page.getByRole("textbox", { name: "Message" })).toHaveValue(text);
});

test("filters are part of the address: model, day on the reader's clock, request", async ({ page, baseURL }) => {
  const secret = await becomeCaller(page, baseURL);
  await sendRows(baseURL, secret, CHURN, [{}, { tenure: 40 }]);
  const house = await sendRows(baseURL, secret, "house-price", [{}]);
  await page.goto("/history", { waitUntil: "networkidle" });
  await expect(links(page)).toHaveCount(3);
  await page.getByLabel("Model", { exact: true }).selectOption("Customer churn");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/\/history\?model=customer-churn$/);
  await expect(links(page)).toHaveCount(2);
  await page.getByRole("link", { name: "Clear" }).click();
  await expect(page).toHaveURL(/\/history$/);
  await page.getByLabel("Request id").fill(house.requestId);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`request=${house.requestId}$`));
  await expect(links(page)).toHaveCount(1);
  await page.goto("/history", { waitUntil: "networkidle" });
  await page.getByLabel("From day").fill("2001-01-01");
  await page.getByLabel("To day").fill("2001-01-02");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/from=2001-01-01&to=2001-01-02&zone=Europe%2FBerlin$/);
  await expect(page.getByRole("heading", { name: "No prediction fits" })).toBeVisible();
  await page.getByRole("link", { name: "Show all predictions" }).click();
  await expect(links(page)).toHaveCount(3);
  await page.goto("/history?request=no&from=yesterday");
  await expect(page.getByText("An id has 8 to 64 letters, digits, - and _.")).toBeVisible();
  await expect(page.getByText("That is no day.")).toBeVisible();
  await expect(links(page), "a filter that cannot be read finds nothing").toHaveCount(0);
  await page.goto("/history?from=2026-02-02&to=2026-02-01");
  await expect(page.getByLabel("To day")).toHaveAccessibleDescription("Must be a day from the first one on.");
});

test("older pages are a press away, and J and K step through the rows", async ({ page, baseURL }) => {
  const secret = await becomeCaller(page, baseURL);
  await sendRows(baseURL, secret, CHURN, Array.from({ length: 60 }, (_unused, tenure) => ({ tenure })));
  await page.goto("/history", { waitUntil: "networkidle" });
  await expect(links(page)).toHaveCount(50);
  await links(page).first().focus();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await expect(links(page).nth(1)).toBeFocused();
  const newest = await links(page).first().getAttribute("href");
  await page.getByRole("link", { name: "Older" }).click();
  await expect(links(page)).toHaveCount(10);
  await page.getByRole("link", { name: "Newest" }).click();
  await expect(links(page).first()).toHaveAttribute("href", newest ?? "");
});

test("two predictions stand side by side: what differs is marked, the change is written out", async ({ page, baseURL }) => {
  const secret = await becomeCaller(page, baseURL);
  await sendRows(baseURL, secret, CHURN, [{ tenure: 2 }]);
  await sendRows(baseURL, secret, CHURN, [{ tenure: 40, contract: "Two year" }]);
  await page.goto("/history", { waitUntil: "networkidle" });
  const boxes = page.getByRole("checkbox");
  await boxes.nth(0).check();
  await expect(page.getByRole("link", { name: "Compare" })).toHaveCount(0);
  await boxes.nth(1).check();
  await page.getByRole("link", { name: "Compare" }).click();
  await expect(page.getByText("2 of 12 inputs differ")).toBeVisible();
  await expect(page.getByRole("row").nth(1)).toContainText(/Months as a customer\s*2 months\s*40 months\s*\+38 months/);
  const second = page.getByRole("region", { name: "Second" });
  await expect(second.locator(".delta")).toHaveText(/^\u2212\d+\.\d$/);
  await page.getByRole("link", { name: "Swap" }).click();
  await expect(second.locator(".delta")).toHaveText(/^\+\d+\.\d$/);
});

test("selected predictions are deleted after a question, and so is the one that is open", async ({ page, baseURL }) => {
  const secret = await becomeCaller(page, baseURL);
  await sendRows(baseURL, secret, CHURN, [{ tenure: 1 }, { tenure: 2 }, { tenure: 3 }]);
  await page.goto("/history", { waitUntil: "networkidle" });
  for (const row of [0, 1]) await page.getByRole("checkbox").nth(row).check();
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("dialog")).toContainText("Delete 2 predictions?");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("2 predictions were deleted.")).toBeVisible();
  await expect(links(page)).toHaveCount(1);
  await links(page).first().click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("heading", { name: "No predictions yet" })).toBeVisible();
});

test.describe("what is not the reader's", () => {
  test.use({ allowedConsole: [/status of 404/] });

  test("is a page that says so, in the same words as for what never was", async ({ page, baseURL, browser }) => {
    const secret = await becomeCaller(page, baseURL);
    const { body } = await sendRows(baseURL, secret, CHURN, [{}]);
    expect((await page.goto(`/history/${body.id}`))?.status()).toBe(200);
    const other = await (await browser.newContext({ baseURL })).newPage();
    await becomeCustomer(other);
    const mine = (await sendRows(baseURL, await makeKey(other, baseURL, "Other"), CHURN, [{}])).body.id;
    const foreign = [`/history/${body.id}`, `/history/compare?one=${body.id}&other=${mine}`];
    for (const path of [...foreign, "/history/prd_01JD9X4M7Q0000000000000000", "/history/no-such-id", "/history/compare", "/history/compare?one=%00"]) {
      const response = await other.goto(path);
      expect(response?.status(), path).toBe(404);
      await expect(other.getByRole("heading", { name: "There is nothing at this address" })).toBeVisible();
    }
    await other.goto(`/models/${CHURN}?case-of=${body.id}`);
    await expect(other.getByRole("textbox", { name: "Months as a customer" })).toHaveValue("2");
    await other.context().close();
  });
});

test("the history is accessible and fits a phone, light and dark", async ({ page, baseURL }) => {
  test.slow();
  const secret = await becomeCaller(page, baseURL);
  const rows = await sendRows(baseURL, secret, CHURN, [{ tenure: 90 }, { tenure: 4 }]);
  const digit = await sendRows(baseURL, secret, "handwritten-digits", [{ image: Array.from({ length: 784 }, (_unused, index) => index % 256) }]);
  const [one, other] = rows.body.data;
  const paths = ["/history", `/history/${one?.id}`, `/history/${digit.body.id}`, `/history/compare?one=${one?.id}&other=${other?.id}`, "/history?model=spam-filter"];
  for (const scheme of ["light", "dark"] as const) {
    await theme(page, scheme);
    for (const path of paths) {
      for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
        await page.setViewportSize(size);
        await page.goto(path);
        expect(await axe(page), `${scheme}, ${size.width}, ${path}`).toEqual([]);
        expect(await sidewaysScroll(page), `${scheme}, ${size.width}, ${path}`).toBe(0);
      }
    }
  }
});
