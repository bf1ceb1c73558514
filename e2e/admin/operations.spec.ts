import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { askConsole, signInToConsole } from "../operator";

/** There is one notice for all of the service: these journeys come one after the other. */
test.describe.configure({ mode: "default" });

test("a notice stands on every customers' page within five seconds, and goes again", async ({ page, browser, baseURL }) => {
  await signInToConsole(page);
  await askConsole(page, "operations.removeNotice");
  const text = `Predictions pause for ten minutes (${Math.random().toString(36).slice(2, 8)}).`;
  const visitor = await browser.newContext({ baseURL: baseURL ?? "" });
  const theirs = await visitor.newPage();
  const isThere = async (path: string) => (await (await theirs.request.get(path)).text()).includes(text);
  for (const path of ["/", "/models/customer-churn", "/docs"]) expect(await isThere(path)).toBe(false);
  await page.goto("/admin/operations");
  await page.getByRole("button", { name: /(Write|Change) notice/ }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Text").fill("");
  await form.getByRole("button", { name: "Show notice" }).click();
  await expect(form.getByText("Text is missing.")).toBeVisible();
  await form.getByLabel("Text").fill(text);
  await form.getByText("Warning").click();
  await form.getByRole("button", { name: "Show notice" }).click();
  await expect(page.getByText("Customers see it within three seconds.")).toBeVisible();
  // How long a page takes on a busy machine is another matter: what counts is when it was asked for.
  const told = Date.now();
  let without = 0;
  await expect
    .poll(async () => {
      const asked = Date.now();
      const there = await isThere("/");
      if (!there) without = asked - told;
      return there;
    })
    .toBe(true);
  expect(without, "milliseconds after which a page was still without it").toBeLessThan(5_000);
  expect(await isThere("/models/customer-churn")).toBe(true);
  await theirs.goto("/");
  await expect(theirs.getByRole("region", { name: "Notice" })).toBeVisible();
  expect(await axe(theirs)).toEqual([]);
  await page.getByRole("button", { name: "Take away" }).click();
  await expect(page.getByText("The notice is gone from customers' pages within three seconds.")).toBeVisible();
  await expect.poll(() => isThere("/docs")).toBe(false);
  await visitor.close();
});

test("a notice that is planned is not shown before its time", async ({ page }) => {
  await signInToConsole(page);
  const from = new Date(Date.now() + 3_600_000).toISOString();
  await askConsole(page, "operations.removeNotice");
  await askConsole(page, "operations.setNotice", { seen: null, text: "Tomorrow we rest.", tone: "info", from, to: null });
  await page.goto("/admin/operations");
  await expect(page.getByText(/Customers do not see it yet/)).toBeVisible();
  await page.goto("/");
  await expect(page.getByText("Tomorrow we rest.")).toHaveCount(0);
  await askConsole(page, "operations.removeNotice");
});

test("a job is run on demand, and its run is kept with who asked for it", async ({ page }) => {
  await signInToConsole(page);
  await page.goto("/admin/operations");
  const jobs = page.getByRole("region", { name: "Jobs", exact: true });
  await jobs.getByRole("button", { name: "Run now Audit" }).click();
  await expect(jobs.getByText(/^Audit: (Nothing is left over|another process is at it)\.$/)).toBeVisible();
  await jobs.getByText(/All \d+ runs that are kept/).click();
  await expect(jobs.getByRole("region", { name: "Table of runs" }).getByText("Owner").first()).toBeVisible();
});

test("models are loaded anew without a failed call, after the page has said what that does", async ({ page }) => {
  await signInToConsole(page);
  await page.goto("/admin/operations");
  await page.getByRole("button", { name: "Reload models" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("No call fails.");
  await dialog.getByRole("button", { name: "Reload models" }).click();
  await expect(page.getByText("Every process loads its models anew, within three seconds.")).toBeVisible();
  const input = { tenure: 2, contract: "Month-to-month", monthly_charges: 89.95 };
  const response = await page.request.post("/api/v1/models/customer-churn/predictions", { data: { input } });
  expect(response.status()).toBe(200);
});

const endings = [
  ["End customers' sessions", /signed in during the last 30 days/],
  ["End the team's sessions", /is signed in at the moment|at once/],
] as const;

test.describe("ending sessions", () => {
  test.use({ allowedConsole: [/status of 403/] });

  test("tells whom it reaches, and wants the password again", async ({ page }) => {
    await signInToConsole(page);
    await page.goto("/admin/operations");
    for (const [verb, words] of endings) {
      await page.getByRole("button", { name: verb }).click();
      const dialog = page.getByRole("dialog").filter({ hasText: "End all sessions" });
      await expect(dialog).toContainText(words);
      await dialog.getByRole("button", { name: verb }).click();
      const password = page.getByRole("dialog", { name: "Type your password again" });
      await expect(password).toBeVisible();
      await page.keyboard.press("Escape");
      await expect(password).toHaveCount(0);
      await page.keyboard.press("Escape");
      await expect(dialog).toHaveCount(0);
    }
  });
});

for (const scheme of ["light", "dark"] as const) {
  test(`the page is whole in the ${scheme} theme, on a wide screen and on a phone`, async ({ page }) => {
    await theme(page, scheme);
    await signInToConsole(page);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto("/admin/operations");
      await expect(page.getByRole("heading", { name: "Environment" })).toBeVisible();
      await expect(page.getByText("quiet harbour")).toHaveCount(0);
      expect(await axe(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
      await page.getByRole("button", { name: /(Write|Change) notice/ }).click();
      await expect(page.getByLabel("Text")).toBeVisible();
      expect(await axe(page)).toEqual([]);
    }
  });
}
