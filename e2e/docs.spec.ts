import { axe, expect, sidewaysScroll, test, theme } from "./fixtures";

test("the reference works with every other host out of reach, and sends real calls", async ({ page, baseURL }) => {
  await page.route("**/*", (route) => (route.request().url().startsWith(`${baseURL}/`) ? route.continue() : route.abort()));
  await page.goto("/docs");
  await page.getByRole("button", { name: /customer-churn\/predictions Which/ }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await expect(page.locator(".live-responses-table")).toContainText('"object": "prediction"');
});

test("every error code that the API can send has a page that says what to change", async ({ page }) => {
  await page.goto("/docs");
  const links = await page.locator('a[href^="/docs/errors/"]').evaluateAll((found) => found.map((link) => link.getAttribute("href") ?? ""));
  expect(links.length).toBeGreaterThan(15);
  for (const link of links) {
    expect((await page.request.get(link)).status(), link).toBe(200);
  }
  await page.goto("/docs/errors/invalid_input");
  await expect(page.getByRole("heading", { name: "What to change" })).toBeVisible();
  expect((await page.request.get("/docs/errors/no_such_code")).status()).toBe(404);
});

test("the published types are where the page says", async ({ page }) => {
  await page.goto("/docs");
  const href = await page.getByRole("link", { name: "vitrine.d.ts" }).getAttribute("href");
  const types = await page.request.get(href ?? "");
  expect(types.status()).toBe(200);
  expect(await types.text()).toContain("AppRouter");
});

test("the reference is accessible and fits a phone, light and dark", async ({ page }) => {
  for (const scheme of ["light", "dark"] as const) {
    await theme(page, scheme);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto("/docs");
    await page.getByRole("button", { name: /customer-churn\/predictions Which/ }).click();
    expect(await axe(page), scheme).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await sidewaysScroll(page)).toBe(0);
  }
});
