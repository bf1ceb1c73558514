import { axe, expect, sidewaysScroll, test, theme } from "./fixtures";

const PAGES = [
  "/",
  "/models/customer-churn",
  "/models/customer-churn/api",
  "/models/customer-churn/about",
  "/models/house-price",
  "/models/handwritten-digits",
  "/models/spam-filter",
  "/docs/errors/invalid_input",
];
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

for (const path of PAGES) {
  test(`${path} fits a phone and a desk, in light and in dark, and everybody can use it`, async ({ page }) => {
    await theme(page, "light");
    await page.setViewportSize(PHONE);
    await page.goto(path);
    await expect(page.locator("h1").first()).toBeVisible();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await axe(page)).toEqual([]);

    await theme(page, "dark");
    await page.setViewportSize(DESK);
    await page.reload();
    await expect(page.locator("h1").first()).toBeVisible();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await axe(page)).toEqual([]);
  });
}

test.describe("an address that does not exist", () => {
  test.use({ allowedConsole: [/status of 404/] });

  for (const path of ["/nowhere", "/models/nothing"]) {
    test(`${path} is a page that says so`, async ({ page }) => {
      const response = await page.goto(path);
      expect(response?.status()).toBe(404);
      await expect(page.locator("h1")).toBeVisible();
      expect(await axe(page)).toEqual([]);
    });
  }
});

test("every answer carries the headers that keep a browser safe, and none that names the software", async ({ request }) => {
  for (const path of ["/", "/docs", "/api/v1/models", "/api/livez"]) {
    const headers = (await request.get(path)).headers();
    expect(headers["content-security-policy"], path).toContain("default-src 'self'");
    expect(headers["content-security-policy"], path).toContain("frame-ancestors 'none'");
    expect(headers["x-content-type-options"], path).toBe("nosniff");
    expect(headers["x-frame-options"], path).toBe("DENY");
    expect(headers["referrer-policy"], path).toBe("strict-origin-when-cross-origin");
    expect(headers["x-powered-by"], path).toBeUndefined();
  }
});
