import { sendAsVisitor } from "../calls";
import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { signInToConsole } from "../operator";

const CHURN = "customer-churn";

test("a call is in the figures within seconds, and each figure leads to the requests behind it", async ({ page, baseURL }) => {
  await sendAsVisitor(baseURL, CHURN, {});
  await signInToConsole(page);
  await page.goto("/admin?range=1h");
  await expect(page).toHaveTitle("Overview · Vitrine console");
  const api = page.getByRole("group", { name: "Customer API" });
  const readCalls = async () => Number((await api.getByRole("link", { name: /^Requests: / }).textContent())?.replaceAll(",", ""));
  const before = await readCalls();
  await sendAsVisitor(baseURL, CHURN, {});
  await sendAsVisitor(baseURL, CHURN, {});
  await expect.poll(readCalls, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + 2);
  await expect(page.getByRole("row", { name: /Customer churn/ })).toBeVisible();
  await expect(page.getByText("Customers can predict")).toBeVisible();
  await api.getByRole("link", { name: /^Requests: / }).click();
  await expect(page).toHaveURL(/\/admin\/requests\?surface=api&from=.+&to=/);
  await expect(page.getByRole("link", { name: /Surface Customer API: remove/ })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: CHURN }).first()).toBeVisible();
});

test("the page refreshes itself without moving focus or scroll, and stops when it is told to", async ({ page, baseURL }) => {
  await sendAsVisitor(baseURL, CHURN, {});
  await signInToConsole(page);
  await page.clock.install();
  await page.goto("/admin?range=1h", { waitUntil: "networkidle" });
  const link = page.getByRole("link", { name: "All in groups" });
  await link.focus();
  // On the screen: where something longer comes in above, the browser scrolls on by as much.
  const place = async () => Math.round((await link.boundingBox())?.y ?? Number.NaN);
  const before = await place();
  const refreshed = page.waitForResponse(/\/admin\/trpc\/overview\.get/);
  await page.clock.runFor(11_000);
  expect((await refreshed).ok()).toBe(true);
  await expect(link).toBeFocused();
  expect(await place()).toBe(before);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Go on" })).toHaveAttribute("aria-pressed", "true");
  let asked = 0;
  page.on("request", (request) => (asked += Number(request.url().includes("overview.get"))));
  await page.clock.runFor(60_000);
  expect(asked).toBe(0);
  const again = page.waitForResponse(/\/admin\/trpc\/overview\.get/);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.clock.runFor(11_000);
  expect((await again).ok()).toBe(true);
});

test("range and surface stand in the address, and the keyboard reads the charts", async ({ page }) => {
  await signInToConsole(page);
  await page.goto("/admin", { waitUntil: "networkidle" });
  await page.getByRole("link", { name: "7 days" }).click();
  await expect(page).toHaveURL(/range=7d/);
  await expect(page.getByRole("heading", { name: "Requests per 3 hours" })).toBeVisible();
  await page.getByRole("group", { name: "Console" }).getByRole("link", { name: "Show its charts" }).click();
  await expect(page).toHaveURL(/range=7d&surface=console/);
  const cursor = page.getByRole("slider").first();
  await cursor.focus();
  const newest = await cursor.getAttribute("aria-valuetext");
  await page.keyboard.press("ArrowLeft");
  await expect(cursor).not.toHaveAttribute("aria-valuetext", newest ?? "");
  await expect(cursor).toHaveAttribute("aria-valuetext", /UTC: answered \d+, refused \d+, failed \d+$/);
  await page.getByText("Show as table").click();
  await expect(page.getByRole("region", { name: "Both charts as a table" }).getByRole("row")).toHaveCount(57);
});

test("nobody sees the overview without signing in, and comes back to the range they asked for", async ({ page }) => {
  await page.goto("/admin?range=7d");
  await expect(page).toHaveURL(/\/admin\/sign-in\?next=/);
});

test("the overview is accessible and fits a phone, light and dark", async ({ page, baseURL }) => {
  test.slow();
  await sendAsVisitor(baseURL, CHURN, {});
  await signInToConsole(page);
  for (const scheme of ["light", "dark"] as const) {
    await theme(page, scheme);
    for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
      await page.setViewportSize(size);
      await page.goto("/admin?range=1h");
      await page.getByText("Show as table").click();
      await expect(page.getByRole("region", { name: "Both charts as a table" })).toBeVisible();
      expect(await axe(page), `${scheme}, ${size.width}`).toEqual([]);
      expect(await sidewaysScroll(page), `${scheme}, ${size.width}`).toBe(0);
    }
  }
});
