import type { Page } from "@playwright/test";
import { makeKey } from "../calls";
import { becomeCustomer, type Customer, makeCustomer } from "../customer";
import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { addOperator, askConsole, firstOperator, signInToConsole } from "../operator";

test.setTimeout(120_000);

const SOON = { timeout: 10_000 };
const dialogOf = (page: Page) => page.getByRole("dialog").filter({ visible: true });

/** A prediction by key as a program makes it: its status and the limit of the minute it was told. */
async function call(baseURL: string | undefined, secret: string): Promise<{ status: number; limit: string | null }> {
  const response = await fetch(`${baseURL}/api/v1/models/customer-churn/predictions`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${secret}` },
    body: JSON.stringify({ input: { tenure: 2, contract: "Month-to-month", monthly_charges: 89.95 } }),
  });
  return { status: response.status, limit: response.headers.get("X-RateLimit-Limit") };
}

/** Whether the browser's own pages are those of a signed-in customer. */
async function isSignedIn(page: Page): Promise<boolean> {
  return (await page.request.get("/api/trpc/account.get")).ok();
}

async function openCustomer(page: Page, { email, name }: Customer): Promise<void> {
  await page.goto("/admin/customers", { waitUntil: "networkidle" });
  await page.getByRole("searchbox", { name: "Find" }).fill(email.slice(0, -4).toUpperCase());
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/search=/);
  await page.getByRole("row", { name: email }).getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

/** The customer's own pages say that the account is suspended; so does signing in, to who knows the password. */
async function expectToldSuspended(operator: Page, { email, password }: Customer): Promise<void> {
  const told = /This account is suspended\. Write to .+ if you think that is a mistake\./;
  const page = await operator.context().newPage();
  await page.goto("/keys");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fkeys$/);
  await expect(page.getByRole("alert").filter({ hasText: told })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  const stranger = await operator.context().browser()?.newContext({ baseURL: new URL(page.url()).origin });
  if (!stranger) throw new Error("There is no browser.");
  const theirs = await stranger.newPage();
  await theirs.goto("/sign-in", { waitUntil: "networkidle" });
  await theirs.getByLabel("Email").fill(email);
  for (const [typed, words] of [["not the password", /The email address or the password is wrong/], [password, told]] as const) {
    await theirs.getByRole("textbox", { name: "Password" }).fill(typed);
    await theirs.getByRole("button", { name: "Sign in" }).click();
    await expect(theirs.getByText(words)).toBeVisible();
    if (typed !== password) await expect(theirs.getByText("suspended")).toHaveCount(0);
  }
  await Promise.all([stranger.close(), page.close()]);
}

async function giveReason(page: Page, verb: string): Promise<void> {
  await dialogOf(page).getByLabel("Reason").fill("Asked for by mail");
  await dialogOf(page).getByRole("button", { name: verb, exact: true }).click();
}

test.describe("an act that wants the password again", () => {
  // Its first answer is the refusal that asks for the password.
  test.use({ allowedConsole: [/status of 403/] });

  test("a customer is found by address, gets other limits, loses a key, is suspended and let in again", async ({ page, baseURL }) => {
    const customer = await becomeCustomer(page);
    const secret = await makeKey(page, baseURL, "Production");
    await expect.poll(async () => (await call(baseURL, secret)).limit, SOON).toBe("3000");
    await signInToConsole(page);
    await openCustomer(page, customer);

    const limits = page.getByRole("region", { name: "Plan and limits" });
    await limits.getByRole("button", { name: "Change" }).click();
    await dialogOf(page).getByLabel("Rows a minute").fill("4,321");
    await dialogOf(page).getByRole("button", { name: "See what it changes" }).click();
    const counted = dialogOf(page).getByRole("status");
    await expect(counted).toContainText(/Used \d rows? a minute at most in the last 24 hours: none of it would have been refused\./);
    await giveReason(page, "Apply");
    await expect(limits).toContainText("4,321own, plan 3,000");
    await expect.poll(async () => (await call(baseURL, secret)).limit, SOON).toBe("4321");

    await page.getByRole("button", { name: "Revoke Production" }).click();
    await expect(dialogOf(page)).toContainText(/\d+ calls? in the last 24 hours would have been refused\./);
    await giveReason(page, "Revoke");
    await dialogOf(page).getByRole("textbox", { name: "Password" }).fill(firstOperator().password);
    await dialogOf(page).getByRole("button", { name: "Confirm" }).click();
    await expect(page.getByRole("region", { name: "Keys", exact: true })).toContainText("Revoked");
    await expect.poll(async () => (await call(baseURL, secret)).status, SOON).toBe(401);

    expect(await isSignedIn(page)).toBe(true);
    await page.getByRole("button", { name: "Suspend", exact: true }).click();
    await expect(dialogOf(page)).toContainText("1 signed-in page ends.");
    await giveReason(page, "Suspend");
    await expect(page.getByRole("button", { name: "Unsuspend" })).toBeVisible();
    expect(await isSignedIn(page)).toBe(false);
    await expectToldSuspended(page, customer);
    await page.getByRole("button", { name: "Unsuspend" }).click();
    await giveReason(page, "Unsuspend");
    await expect(page.getByRole("button", { name: "Suspend", exact: true })).toBeVisible();
    expect(await isSignedIn(page)).toBe(true);

    const acts = page.getByRole("region", { name: "What the team did" }).getByRole("listitem");
    await expect(acts).toHaveCount(4);
    await expect(acts.filter({ hasText: "Changed plan or limits" })).toContainText("“Asked for by mail”");
  });
});

test.describe("a change that came too late", () => {
  test.use({ allowedConsole: [/status of 409/] });

  test("of two operators who change the same limits the second sees what the first put there, keeps what was typed, and may apply it", async ({ page }) => {
    const customer = await makeCustomer(page);
    await signInToConsole(page);
    await openCustomer(page, customer);
    const limits = page.getByRole("region", { name: "Plan and limits" });
    await limits.getByRole("button", { name: "Change" }).click();
    await dialogOf(page).getByLabel("Rows a minute").fill("4,321");
    await dialogOf(page).getByRole("button", { name: "See what it changes" }).click();
    const id = new URL(page.url()).pathname.split("/").at(-1);
    const none = { rows_per_minute: null, rows_per_month: null, rows_per_call: null, retention_days: null };
    const theirs = { plan: "team", agreed: { ...none, rows_per_call: 77 }, seen: { plan: "free", agreed: none } };
    await askConsole(page, "customers.setLimits", { id, ...theirs, reason: "A larger plan" });
    await giveReason(page, "Apply");
    const refused = dialogOf(page).getByRole("alert");
    await expect(refused).toContainText("Somebody else changed this customer's plan or limits meanwhile.");
    await expect(refused).toContainText("Plan is Team now.");
    await expect(refused).toContainText("Rows in a call is 77 now.");
    await expect(dialogOf(page).getByLabel("Rows a minute")).toHaveValue("4,321");
    expect(await axe(page)).toEqual([]);
    await dialogOf(page).getByRole("button", { name: "Apply", exact: true }).click();
    await expect(limits).toContainText("4,321own, plan 3,000");
  });
});

test("the keyboard alone finds a customer, reads what suspending stops, and leaves it", async ({ page }) => {
  const customer = await makeCustomer(page);
  await signInToConsole(page);
  await page.goto("/admin/customers", { waitUntil: "networkidle" });
  await page.getByRole("searchbox", { name: "Find" }).focus();
  await page.keyboard.type(customer.email);
  await page.keyboard.press("Enter");
  const link = page.getByRole("row", { name: customer.email }).getByRole("link");
  await expect(page.getByRole("row")).toHaveCount(2);
  while (!(await link.evaluate((element) => element === document.activeElement))) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const suspend = page.getByRole("button", { name: "Suspend", exact: true });
  await suspend.focus();
  await page.keyboard.press("Enter");
  await expect(dialogOf(page)).toContainText("No key was used in the last 24 hours: no call would have been refused.");
  await page.keyboard.press("Enter");
  await expect(dialogOf(page).getByLabel("Reason")).toBeFocused();
  await expect(dialogOf(page)).toContainText("Say in a few words why.");
  await page.keyboard.press("Escape");
  await expect(suspend).toBeFocused();
});

test("a viewer sees a customer, and why the buttons are off", async ({ page }) => {
  const customer = await makeCustomer(page);
  await signInToConsole(page);
  const { email, password } = await addOperator(page, "viewer");
  await signInToConsole(page, { email, password });
  const own = { current: password, password: "seven paper boats drift" };
  await askConsole(page, "me.changePassword", own);
  await signInToConsole(page, { email, password: own.password });
  await openCustomer(page, customer);
  for (const name of ["Suspend", "End all sessions", "Change"]) {
    const button = page.getByRole("button", { name, exact: true });
    await expect(button).toBeDisabled();
    await expect(button).toHaveAccessibleDescription(/takes the role operator; yours is viewer/);
  }
});

for (const scheme of ["light", "dark"] as const) {
  test(`list, page and dialogs have no accessibility faults and fit 390 pixels in ${scheme}`, async ({ page, baseURL }) => {
    await theme(page, scheme);
    await page.setViewportSize({ width: 390, height: 844 });
    const customer = await becomeCustomer(page);
    await makeKey(page, baseURL, "Production");
    await signInToConsole(page);
    await page.goto("/admin/customers?search=nobody-is-called-this", { waitUntil: "networkidle" });
    await expect(page.getByRole("heading", { name: "Nobody fits" })).toBeVisible();
    expect(await axe(page)).toEqual([]);
    await openCustomer(page, customer);
    expect([await axe(page), await sidewaysScroll(page)]).toEqual([[], 0]);
    for (const name of ["Suspend", "Change", "Revoke Production"]) {
      await page.getByRole("button", { name, exact: true }).click();
      await expect(dialogOf(page)).not.toContainText("Counting");
      expect([await axe(page), await sidewaysScroll(page)]).toEqual([[], 0]);
      await page.keyboard.press("Escape");
    }
    await page.goto("/admin/customers", { waitUntil: "networkidle" });
    expect([await axe(page), await sidewaysScroll(page)]).toEqual([[], 0]);
  });
}
