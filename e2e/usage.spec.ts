import { makeKey, sendRows } from "./calls";
import { becomeCustomer } from "./customer";
import { axe, expect, sidewaysScroll, test, theme } from "./fixtures";

const CHURN = "customer-churn";

test("what was used is counted in rows: this minute, this month, today, by model and by key", async ({ page, baseURL }) => {
  await becomeCustomer(page);
  const secret = await makeKey(page, baseURL, "Nightly job");
  await sendRows(baseURL, secret, CHURN, Array.from({ length: 50 }, () => ({})));
  await sendRows(baseURL, secret, "house-price", [{}]);
  await page.goto("/usage");
  await expect(page.getByRole("meter", { name: "This month" })).toHaveAttribute("aria-valuetext", "51 of 50,000");
  await expect(page.getByRole("img", { name: /51 in all: Customer churn 50, House price 1\./ })).toBeVisible();
  await page.getByText("Show as table").click();
  await expect(page.getByRole("region", { name: "Predictions a day as a table" }).getByRole("row")).toHaveCount(31);
  await page.getByRole("link", { name: "By key" }).click();
  await expect(page).toHaveURL(/days=30&by=key/);
  await expect(page.getByRole("img", { name: /Nightly job 51\./ })).toBeVisible();
  await page.getByRole("link", { name: "7 days" }).click();
  await expect(page).toHaveURL(/days=7&by=key/);
  await expect(page.getByRole("img", { name: /the last 7 days/ })).toBeVisible();
});

test("the keyboard reads the chart column by column", async ({ page, baseURL }) => {
  await becomeCustomer(page);
  await sendRows(baseURL, await makeKey(page, baseURL, "Laptop"), CHURN, [{}, {}]);
  await page.goto("/usage?days=7", { waitUntil: "networkidle" });
  const cursor = page.getByRole("slider", { name: "Read a column" });
  await cursor.focus();
  await expect(cursor).toHaveAttribute("aria-valuetext", /Customer churn 2$/);
  await page.keyboard.press("ArrowLeft");
  await expect(cursor).toHaveAttribute("aria-valuetext", /Customer churn 0$/);
});

test("an account that used nothing sees zeros, its plan and the others", async ({ page }) => {
  await becomeCustomer(page);
  await page.goto("/usage");
  await expect(page.getByRole("meter", { name: "This minute" })).toHaveAttribute("aria-valuetext", "0 of 3,000");
  await expect(page.getByRole("img", { name: "No predictions in the last 30 days." })).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Free yours" })).toBeVisible();
});

test("the usage is accessible and fits a phone, light and dark", async ({ page, baseURL }) => {
  test.slow();
  await becomeCustomer(page);
  await sendRows(baseURL, await makeKey(page, baseURL, "Laptop"), CHURN, [{}, {}]);
  for (const scheme of ["light", "dark"] as const) {
    await theme(page, scheme);
    for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
      await page.setViewportSize(size);
      await page.goto("/usage?days=30&by=key");
      await page.getByText("Show as table").click();
      expect(await axe(page), `${scheme}, ${size.width}`).toEqual([]);
      expect(await sidewaysScroll(page), `${scheme}, ${size.width}`).toBe(0);
    }
  }
});
