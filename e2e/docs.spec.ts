import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, sidewaysScroll, test, theme } from "./fixtures";

const CHURN = "predictCustomerChurn";

/** The accessibility faults by every rule of axe, best practices among them; empty when there are none. */
async function findFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} (${node.failureSummary ?? rule.help})`),
  );
}

const operation = (page: Page, id: string) => page.locator(`details#${id}`);

test("the reference works with every other host out of reach, and sends real calls", async ({ page, baseURL }) => {
  await page.route("**/*", (route) => (route.request().url().startsWith(`${baseURL}/`) ? route.continue() : route.abort()));
  await page.goto("/docs");
  const churn = operation(page, CHURN);
  await churn.locator("summary").click();
  await expect(page).toHaveURL(new RegExp(`#${CHURN}$`));
  await churn.getByLabel("Example", { exact: true }).selectOption({ label: "Loyal family on two years" });
  await expect(churn.getByLabel("Body", { exact: true })).toHaveValue(/"tenure": 60/);
  await churn.getByRole("button", { name: "Send" }).click();
  await expect(churn.getByRole("region", { name: "Response" })).toContainText('"object": "prediction"');
  await expect(churn.getByRole("status")).toContainText(/^200/);
  await expect(churn).toContainText("request-id");
});

test("an address with an operation opens it, and the keyboard alone sends the call", async ({ page }) => {
  await page.goto("/docs#getModel");
  const model = operation(page, "getModel");
  await expect(model.getByRole("textbox", { name: "model", exact: true })).toHaveValue("customer-churn");
  await model.locator("summary").press("Enter");
  await expect(model.getByRole("button", { name: "Send" })).toBeHidden();
  await expect(page).not.toHaveURL(/#/);
  await model.locator("summary").press("Enter");
  await model.getByRole("textbox", { name: "model", exact: true }).press("Enter");
  await expect(model.getByRole("region", { name: "Response" })).toContainText('"slug": "customer-churn"');
});

test("what cannot be sent is told at its field, and a list of choices and a query arrive", async ({ page }) => {
  await page.goto(`/docs#${CHURN}`);
  const churn = operation(page, CHURN);
  const body = churn.getByLabel("Body", { exact: true });
  await body.fill('{"input": ');
  await churn.getByRole("button", { name: "Send" }).click();
  await expect(churn.getByRole("alert")).toContainText("not JSON");
  await expect(body).toBeFocused();
  await expect(churn.getByRole("status")).toContainText("Nothing was sent yet.");
  const list = operation(page, "listModels");
  await list.locator("summary").click();
  await list.getByLabel("task").selectOption("regression");
  await list.getByRole("button", { name: "Send" }).click();
  await expect(list.getByRole("region", { name: "Response" })).toContainText('"house-price"');
  await expect(list.getByRole("region", { name: "Response" })).not.toContainText('"customer-churn"');
});

test.describe("with a key", () => {
  test.use({ allowedConsole: [/status of 401/] });

  test("a typed key goes along where an address takes one, and the page keeps it nowhere", async ({ page }) => {
    const sent: Record<string, string | undefined> = {};
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/api/v1")) sent[pathname] = request.headers().authorization;
    });
    await page.goto("/docs#getMe");
    const me = operation(page, "getMe");
    await expect(me.getByText("Needs a key")).toBeVisible();
    const field = page.getByRole("textbox", { name: "API key" });
    await field.fill("vt_live_typed");
    await expect(me.getByText("Needs a key")).toBeHidden();
    await me.getByRole("button", { name: "Send" }).click();
    await expect(me.getByRole("region", { name: "Response" })).toContainText('"code": "key_invalid"');
    const list = operation(page, "listModels");
    await list.locator("summary").click();
    await list.getByRole("button", { name: "Send" }).click();
    await expect(list.getByRole("status")).toContainText(/^200/);
    expect(sent).toEqual({ "/api/v1/me": "Bearer vt_live_typed", "/api/v1/models": undefined });
    expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))).not.toContain("vt_live");
    await page.reload();
    await expect(field).toHaveValue("");
  });
});

test.describe("with the service out of reach", () => {
  test.use({ allowedConsole: [/Failed to load resource/] });

  test("the reference and a call say so, and both can be tried again", async ({ page }) => {
    await page.route("**/api/openapi.json", (route) => route.abort());
    await page.goto("/docs");
    await expect(page.getByText("The reference could not be loaded.")).toBeVisible();
    await page.unroute("**/api/openapi.json");
    await page.getByRole("button", { name: "Try again" }).click();
    const health = operation(page, "getLiveness");
    await health.locator("summary").click();
    await page.route("**/api/livez", (route) => route.abort());
    await health.getByRole("button", { name: "Send" }).click();
    await expect(health.getByRole("status")).toContainText("cannot be reached");
    await page.unroute("**/api/livez");
    await health.getByRole("button", { name: "Send" }).click();
    await expect(health.getByRole("status")).toContainText(/^200/);
  });
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

test("the reference is accessible folded, opened and answered, and fits a phone, light and dark", async ({ page }) => {
  test.slow();
  for (const scheme of ["light", "dark"] as const) {
    for (const width of [1440, 390]) {
      const told = `${scheme}, ${width} px`;
      await theme(page, scheme);
      await page.setViewportSize({ width, height: 900 });
      await page.goto("/docs");
      const churn = operation(page, CHURN);
      await expect(churn).toBeVisible();
      expect(await findFaults(page), `${told}, folded`).toEqual([]);
      await churn.locator("summary").click();
      await operation(page, "listModels").locator("summary").click();
      expect(await findFaults(page), `${told}, opened`).toEqual([]);
      await churn.getByRole("button", { name: "Send" }).click();
      await expect(churn.getByRole("region", { name: "Response" })).toBeVisible();
      expect(await findFaults(page), `${told}, answered`).toEqual([]);
      expect(await sidewaysScroll(page), told).toBe(0);
      // From /docs#… to /docs the browser would not load the page anew.
      await page.goto("about:blank");
    }
  }
});
