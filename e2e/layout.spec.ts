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
  for (const path of ["/", "/docs", "/nowhere", "/_next/imagefoo", "/api/v1/models", "/api/livez", "/health"]) {
    const headers = (await request.get(path)).headers();
    expect(headers["content-security-policy"], path).toContain("frame-ancestors 'none'");
    expect(headers["content-security-policy"], path).toContain("default-src");
    expect(headers["x-content-type-options"], path).toBe("nosniff");
    expect(headers["x-frame-options"], path).toBe("DENY");
    expect(headers["referrer-policy"], path).toBe("strict-origin-when-cross-origin");
    expect(headers["x-powered-by"], path).toBeUndefined();
  }
});

test.describe("scripts", () => {
  test.use({ allowedConsole: [/Content Security Policy/] });

  test("a page's scripts run by a nonce that is new for each answer, and no inline script runs without it", async ({ page, request }) => {
    const policyOf = async () => (await request.get("/")).headers()["content-security-policy"] ?? "";
    const [first, second] = [await policyOf(), await policyOf()];
    expect(first).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/]{22}==' 'strict-dynamic'/);
    expect(first).not.toMatch(/script-src[^;]*unsafe-inline/);
    expect(second).not.toBe(first);

    await page.goto("/");
    const refused = page.waitForEvent("console", (message) => message.text().includes("Content Security Policy"));
    await page.evaluate(() => {
      const planted = document.createElement("div");
      planted.innerHTML = "<img src='data:image/png;base64,broken' onerror='document.title = \"planted\"'>";
      document.body.append(planted);
    });
    await refused;
    expect(await page.title()).not.toBe("planted");
  });
});
