import { axe, expect, sidewaysScroll, test, theme } from "./fixtures";

test("every published model is a working pane with its answer in the server's own page", async ({ page, request }) => {
  expect(await (await request.get("/")).text()).toContain("$173,85");
  await page.goto("/");
  await expect(page.getByRole("article")).toHaveCount(5);
});

test("a pane answers as its control moves, and writes out the change", async ({ page }) => {
  await page.goto("/", { waitUntil: "networkidle" });
  const churn = page.getByRole("article", { name: "Customer churn" });
  await churn.getByText("Two year").click();
  await expect(churn.locator(".delta")).toHaveText(/^\u2212\d+\.\d$/);
});

test("the kind of answer and the search are part of the address", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("navigation", { name: "Kind of answer" }).getByRole("link", { name: "A number" }).click();
  await expect(page).toHaveURL(/task=regression/);
  await expect(page.getByRole("article")).toHaveCount(1);
  await page.goto("/");
  await page.getByRole("searchbox").fill("contract");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=contract/);
  await expect(page.getByRole("article", { name: "Customer churn" })).toBeVisible();
  await expect(page.getByRole("article", { name: "Spam filter" })).toHaveCount(0);
});

test("a search that finds nothing says so and leads back", async ({ page }) => {
  await page.goto("/?q=zzzz");
  await expect(page.getByRole("heading", { name: "No model fits" })).toBeVisible();
  await page.getByRole("link", { name: "Show all models" }).click();
  await expect(page.getByRole("article")).toHaveCount(5);
});

test("the theme can be chosen, and the choice outlives the page", async ({ page }) => {
  await theme(page, "light");
  await page.goto("/", { waitUntil: "networkidle" });
  await page.getByRole("button", { name: "Switch between light and dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("the catalog is accessible and fits a phone, light and dark", async ({ page }) => {
  for (const scheme of ["light", "dark"] as const) {
    await theme(page, scheme);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto("/");
    expect(await axe(page), scheme).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await sidewaysScroll(page)).toBe(0);
  }
});

test.describe("an address that does not exist", () => {
  test.use({ allowedConsole: [/404/] });

  test("is a page with a way back", async ({ page }) => {
    expect((await page.goto("/nothing/here"))?.status()).toBe(404);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("link", { name: "All models" }).click();
    await expect(page.getByRole("heading", { name: "Try a model before you read about it" })).toBeVisible();
  });
});

test("no page asks for another one before somebody goes there", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.headers()["rsc"] !== undefined) asked.push(new URL(request.url()).pathname);
  });
  for (const path of ["/", "/models/customer-churn", "/models/customer-churn/api", "/models/customer-churn/about", "/docs", "/sign-in"]) {
    await page.goto(path, { waitUntil: "networkidle" });
    for (const link of await page.getByRole("main").getByRole("link").all()) if (await link.isVisible()) await link.hover();
    expect(asked, path).toEqual([]);
  }
  await page.getByRole("banner").getByRole("link", { name: "Vitrine" }).click();
  await expect(page).toHaveURL("/");
  expect(asked).toEqual(["/"]);
});
