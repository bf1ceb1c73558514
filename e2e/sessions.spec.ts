import { readFileSync } from "node:fs";
import { becomeCustomer, signIn } from "./customer";
import { axe, expect, sidewaysScroll, test, theme } from "./fixtures";

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };
const TOKEN = "a".repeat(43);

for (const path of ["/sign-up", "/sign-in?notice=confirmed", `/confirm?token=${TOKEN}`, "/reset", `/reset?token=${TOKEN}`, "/outbox"]) {
  test(`${path.replace(TOKEN, "…")} fits a phone and a desk, in light and in dark, and everybody can use it`, async ({ page }) => {
    for (const [scheme, size] of [["light", PHONE], ["dark", DESK]] as const) {
      await theme(page, scheme);
      await page.setViewportSize(size);
      await page.goto(path);
      await expect(page.locator("h1").first()).toBeVisible();
      expect(await sidewaysScroll(page)).toBe(0);
      expect(await axe(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await sidewaysScroll(page)).toBe(0);
  });
}

test("the account page with its menu and its dialog fits a phone and a desk, in light and in dark, for everybody", async ({ page }) => {
  await becomeCustomer(page);
  for (const [scheme, size] of [["light", PHONE], ["dark", DESK]] as const) {
    await theme(page, scheme);
    await page.setViewportSize(size);
    await page.goto("/account");
    await expect(page.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: /Your account/ }).click();
    expect(await axe(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Delete the account…" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(await axe(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
  }
});

test("the session menu is worked by the keyboard, gives the focus back, and signs out", async ({ page }) => {
  await becomeCustomer(page);
  await page.goto("/");
  const button = page.getByRole("button", { name: "Your account: Ada Lovelace" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Keys" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Usage" })).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await expect(button).toBeFocused();

  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeFocused();
  await page.mouse.click(300, 500);
  await expect(page.getByRole("menu")).toHaveCount(0);

  await button.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("banner").getByRole("link", { name: "Sign in" })).toBeVisible();
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Faccount$/);
});

test("on a phone the main navigation is a menu, for visitors and for customers", async ({ page }) => {
  await page.setViewportSize(PHONE);
  await page.goto("/docs");
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("menuitem", { name: "Models" }).click();
  await expect(page).toHaveURL(/\/$/);
  await becomeCustomer(page);
  await page.goto("/account");
  await page.getByRole("button", { name: "Menu" }).click();
  await expect(page.getByRole("menuitem")).toHaveText(["Models", "Developers", "History"]);
});

test("a new name is in the bar at once", async ({ page }) => {
  await becomeCustomer(page);
  await page.goto("/account");
  await page.getByLabel("Name").fill("  ");
  await page.getByRole("button", { name: "Save the name" }).click();
  await expect(page.getByLabel("Name")).toHaveAccessibleDescription("Name is missing.");
  await page.getByLabel("Name").fill("Grace Hopper");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Saved")).toBeVisible();
  await expect(page.getByRole("button", { name: "Your account: Grace Hopper" })).toHaveText("GH");
});

test.describe("a change of the password", () => {
  test.use({ allowedConsole: [/status of 422/] });

  test("needs the current one, and ends every session", async ({ page }) => {
    const { email, password } = await becomeCustomer(page);
    await page.goto("/account");
    await page.getByLabel("Current password").fill("not this one");
    await page.getByLabel("New password").fill("an entirely new password");
    await page.keyboard.press("Enter");
    await expect(page.getByLabel("Current password")).toBeFocused();
    await expect(page.getByLabel("Current password")).toHaveAccessibleDescription(/wrong|not right/);
    await page.getByLabel("Current password").fill(password);
    await page.getByRole("button", { name: "Change the password" }).click();
    await expect(page).toHaveURL(/\/sign-in\?notice=password$/);
    await expect(page.getByLabel("Email")).toHaveValue(email);
    await signIn(page, { name: "", email, password: "an entirely new password" });
  });
});

test("signing out everywhere ends the sessions of other browsers", async ({ page, browser }) => {
  const customer = await becomeCustomer(page);
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await signIn(other, customer);
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("status")).toContainText("You are signed out everywhere");
  await other.goto("/account");
  await expect(other).toHaveURL(/\/sign-in/);
  await elsewhere.close();
});

test("the export is one JSON file with the customer's profile", async ({ page }) => {
  const { email } = await becomeCustomer(page);
  await page.goto("/account");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export all of it" }).click()]);
  expect(download.suggestedFilename()).toMatch(/\.json$/);
  const text = readFileSync(await download.path(), "utf8");
  expect(JSON.stringify(JSON.parse(text))).toContain(email);
});

test("an account is deleted after its address and password were typed, and then there is none", async ({ page, baseURL }) => {
  const { email, password } = await becomeCustomer(page);
  await page.goto("/account");
  await page.getByRole("button", { name: "Delete the account…" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete this account?" });
  await expect(dialog).toContainText("Every prediction in your history");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: "Delete the account…" })).toBeFocused();
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Email").fill("someone.else@example.com");
  await dialog.getByLabel("Password", { exact: true }).fill(password);
  await dialog.getByRole("button", { name: "Delete the account" }).click();
  await expect(dialog.getByLabel("Email")).toBeFocused();
  await expect(dialog.getByLabel("Email")).toHaveAccessibleDescription(/is not the one of this account/);
  await dialog.getByLabel("Email").fill(email.toUpperCase());
  await dialog.getByRole("button", { name: "Delete the account" }).click();
  await expect(page.getByRole("status")).toContainText("Your account and everything in it are deleted");
  const { csrfToken } = await (await page.request.get("/api/auth/csrf")).json();
  const headers = { Origin: baseURL ?? "" };
  const again = await page.request.post("/api/auth/callback/credentials", { data: { csrfToken, email, password }, headers });
  expect(again.status()).toBe(401);
});
