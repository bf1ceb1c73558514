import type { Page } from "@playwright/test";
import { makeKey, sendAsVisitor, sendRows } from "../calls";
import { becomeCustomer } from "../customer";
import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { signInToConsole } from "../operator";

const CHURN = "customer-churn";

/** A request id that no other test has. */
const inventId = () => `e2e-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
const rowsOf = (page: Page) => page.getByRole("region", { name: "Requests, newest first" }).locator("tbody tr");
const drawerOf = (page: Page) => page.getByRole("complementary", { name: "The opened request" });

/** The list of one request id, as soon as its calls are in the log: entries are written a moment after their answers. */
async function openListOf(page: Page, requestId: string, rows: number): Promise<void> {
  const input = JSON.stringify({ filters: { request_id: requestId } });
  const count = async () => (await (await page.request.get(`/admin/trpc/requests.list?${new URLSearchParams({ input })}`)).json()).result.data.items.length;
  await expect.poll(count, { timeout: 15_000 }).toBe(rows);
  await page.goto(`/admin/requests?request_id=${requestId}`);
  await expect(rowsOf(page)).toHaveCount(rows);
}

test("a call is found by its request id within seconds, and opened in full", async ({ page, baseURL }) => {
  const requestId = inventId();
  expect((await sendAsVisitor(baseURL, CHURN, { tenure: 7 }, requestId)).requestId).toBe(requestId);
  await signInToConsole(page);
  await openListOf(page, requestId, 1);
  await page.goto("/admin/requests", { waitUntil: "networkidle" });
  await expect(async () => {
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox", { name: /^Request id/ })).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.type(requestId);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`request_id=${requestId}`));
  await rowsOf(page).getByRole("link").first().click();
  const drawer = drawerOf(page);
  await expect(drawer.getByRole("heading", { name: requestId })).toBeFocused();
  await expect(drawer.getByRole("link", { name: CHURN, exact: true })).toHaveAttribute("href", `/admin/models/${CHURN}`);
  await expect(drawer.getByText("POST /api/v1/models/{model}/predictions")).toBeVisible();
  await expect(drawer.getByText("Release at that time")).toBeVisible();
  await expect(drawer.getByText("Version 1 was live")).toBeVisible();
  await expect(page).toHaveURL(/open=ent_/);
  await page.reload();
  await expect(drawerOf(page).getByText("Release at that time")).toBeVisible();
  expect(await page.content(), "what was sent").not.toContain("tenure");
});

test("filters stand in the address, narrow the list and are taken away one by one", async ({ page, baseURL }) => {
  const requestId = inventId();
  await sendAsVisitor(baseURL, CHURN, {}, requestId);
  await sendAsVisitor(baseURL, CHURN, { tenure: "never" }, requestId);
  await signInToConsole(page);
  await openListOf(page, requestId, 2);
  await page.getByRole("group", { name: "Filters" }).getByText("Status", { exact: true }).click();
  await page.getByRole("link", { name: "4xx refused" }).click();
  await expect(page).toHaveURL(/status=4xx/);
  await expect(rowsOf(page)).toHaveCount(1);
  await expect(rowsOf(page).first()).toContainText("invalid input");
  await page.getByRole("group", { name: "Filters" }).getByText("Slower than", { exact: true }).click();
  await page.getByLabel("Milliseconds").fill("600000");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "No request fits" })).toBeVisible();
  await page.getByRole("link", { name: /^Slower than 600,000 ms: remove/ }).click();
  await expect(rowsOf(page)).toHaveCount(1);
  await page.getByRole("link", { name: /^Status 4xx refused: remove/ }).click();
  await expect(rowsOf(page)).toHaveCount(2);
});

test("J and K step through the list, Enter opens, Escape closes and gives the focus back", async ({ page, baseURL }) => {
  const requestId = inventId();
  for (const tenure of [1, 2, 3]) await sendAsVisitor(baseURL, CHURN, { tenure }, requestId);
  await signInToConsole(page);
  await openListOf(page, requestId, 3);
  await page.waitForLoadState("networkidle");
  const links = rowsOf(page).getByRole("link");
  await page.keyboard.press("j");
  await expect(links.nth(0)).toBeFocused();
  await page.keyboard.press("j");
  await expect(links.nth(1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(rowsOf(page).nth(1)).toHaveAttribute("data-picked", "true");
  await expect(drawerOf(page).getByText("Release at that time")).toBeVisible();
  await page.keyboard.press("j");
  await expect(rowsOf(page).nth(2)).toHaveAttribute("data-picked", "true");
  await page.keyboard.press("k");
  await expect(rowsOf(page).nth(1)).toHaveAttribute("data-picked", "true");
  await page.keyboard.press("Escape");
  await expect(drawerOf(page)).toHaveCount(0);
  await expect(links.nth(1)).toBeFocused();
  await expect(page).not.toHaveURL(/open=/);
});

test("a followed list shows what comes by itself and what came in a pause, and keeps the place of its reader", async ({ page, baseURL }) => {
  const requestId = inventId();
  await sendAsVisitor(baseURL, CHURN, {}, requestId);
  await signInToConsole(page);
  await openListOf(page, requestId, 1);
  await page.getByRole("switch", { name: "Follow" }).click();
  await expect(page).toHaveURL(/follow=1/);
  const first = rowsOf(page).getByRole("link").first();
  const id = await rowsOf(page).first().getAttribute("data-id");
  await first.focus();
  await sendAsVisitor(baseURL, CHURN, { tenure: "never" }, requestId);
  await expect(rowsOf(page)).toHaveCount(2, { timeout: 15_000 });
  await expect(rowsOf(page).first()).toContainText("422");
  await expect(page.locator(`tr[data-id="${id}"] a`)).toBeFocused();
  await expect(page.getByText("Following, 1 new")).toBeVisible();
  await page.getByRole("switch", { name: "Follow" }).click();
  await expect(page).not.toHaveURL(/follow=1/);
  await sendAsVisitor(baseURL, CHURN, { tenure: 3 }, requestId);
  await sendAsVisitor(baseURL, CHURN, { tenure: 4 }, requestId);
  await page.getByRole("switch", { name: "Follow" }).click();
  // What came in the pause is there too.
  await expect(rowsOf(page)).toHaveCount(4, { timeout: 15_000 });
});

test("a customer's calls by key name the customer, and lead on to the key and the customer", async ({ page, baseURL }) => {
  await becomeCustomer(page);
  const secret = await makeKey(page, baseURL, "Nightly job");
  const { requestId } = await sendRows(baseURL, secret, CHURN, [{}, {}]);
  await signInToConsole(page);
  await openListOf(page, requestId, 1);
  await rowsOf(page).getByRole("link").first().click();
  const drawer = drawerOf(page);
  await expect(drawer.getByText("Rows")).toBeVisible();
  await drawer.getByRole("link", { name: /^key_/ }).click();
  await expect(page).toHaveURL(/\?key=key_/);
  await expect(rowsOf(page)).toHaveCount(1);
  expect(await page.content()).not.toContain(secret);
});

test("errors stand in groups, and a group leads to its requests", async ({ page, baseURL }) => {
  const requestId = inventId();
  await sendAsVisitor(baseURL, CHURN, { tenure: "never" }, requestId);
  await signInToConsole(page);
  await openListOf(page, requestId, 1);
  await page.goto("/admin/requests?view=errors&last=1h&surface=api");
  const group = page.getByRole("row").filter({ hasText: "invalid_input" }).filter({ hasText: "/api/v1/models/{model}/predictions" });
  await group.getByRole("link").click();
  await expect(page).toHaveURL(/code=invalid_input&route=/);
  await expect(rowsOf(page).first()).toContainText("invalid input");
});

test("the list is taken away as CSV, with the filters of the page", async ({ page, baseURL }) => {
  const requestId = inventId();
  await sendAsVisitor(baseURL, CHURN, {}, requestId);
  await signInToConsole(page);
  await openListOf(page, requestId, 1);
  const link = page.getByRole("link", { name: /^CSV/ });
  const response = await page.request.get((await link.getAttribute("href")) ?? "");
  expect(response.headers()["content-disposition"]).toContain("attachment");
  const lines = (await response.text()).trim().split("\r\n");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(`,${requestId},`);
});

test("an address that means nothing says so and lists nothing", async ({ page }) => {
  await signInToConsole(page);
  await page.goto("/admin/requests?status=999");
  await expect(page.getByRole("heading", { name: "This address cannot be read" })).toBeVisible();
  await expect(rowsOf(page)).toHaveCount(0);
});

test("the log is accessible and fits a phone, light and dark, with an entry opened", async ({ page, baseURL }) => {
  test.slow();
  const requestId = inventId();
  await sendAsVisitor(baseURL, CHURN, {}, requestId);
  await signInToConsole(page);
  await openListOf(page, requestId, 1);
  const id = await rowsOf(page).first().getAttribute("data-id");
  for (const scheme of ["light", "dark"] as const) {
    await theme(page, scheme);
    for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
      await page.setViewportSize(size);
      for (const path of [`/admin/requests?last=1h&open=${id}`, "/admin/requests?view=errors&last=1h"]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { name: "Requests", level: 1 })).toBeVisible();
        if (path.includes("open=")) await expect(drawerOf(page).getByText("Release at that time")).toBeVisible();
        expect(await axe(page), `${scheme}, ${size.width}, ${path}`).toEqual([]);
        expect(await sidewaysScroll(page), `${scheme}, ${size.width}, ${path}`).toBe(0);
      }
    }
  }
});
