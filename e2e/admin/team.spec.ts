import type { Page } from "@playwright/test";
import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { addOperator, confirmPassword, firstOperator, type OperatorSignIn, signInToConsole } from "../operator";

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

/** A page of another browser, signed in as somebody else. */
async function signInElsewhere(page: Page, operator: OperatorSignIn, address: string): Promise<Page> {
  const context = await page.context().browser()?.newContext({ extraHTTPHeaders: { "X-Forwarded-For": address } });
  if (!context) throw new Error("There is no browser.");
  const other = await context.newPage();
  await signInToConsole(other, operator);
  return other;
}

const rowOf = (page: Page, email: string) => page.getByRole("row").filter({ hasText: email });

test.describe("the team", () => {
  test.use({ allowedConsole: [/status of 4(03|22)/] });

  test("grows by an operator whose password is shown once, after the owner's was typed again", async ({ page }) => {
    await signInToConsole(page);
    await page.goto("/admin/team");
    await page.getByRole("button", { name: "Add operator" }).click();
    const dialog = page.getByRole("dialog", { name: "Add an operator" });
    await dialog.getByRole("button", { name: "Add operator" }).click();
    await expect(dialog.getByLabel("Name")).toHaveAccessibleDescription("Name is missing.");
    const email = `new.${Date.now().toString(36)}@example.com`;
    await dialog.getByLabel("Name").fill("Grace Hopper");
    await dialog.getByLabel("Email").fill(email);
    await dialog.getByLabel(/^Operator/).check();
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Add operator" }).click();
    const question = page.getByRole("dialog", { name: "Type your password again" });
    await question.getByLabel("Password", { exact: true }).fill("not this one");
    await page.keyboard.press("Enter");
    await expect(question.getByLabel("Password", { exact: true })).toHaveAccessibleDescription("Password is wrong.");
    expect(await axe(page)).toEqual([]);
    await question.getByLabel("Password", { exact: true }).fill(firstOperator().password);
    await page.keyboard.press("Enter");
    await expect(page.getByLabel("One-time password")).toHaveValue(/^[0-9a-f]{6}(-[0-9a-f]{6}){3}$/);
    await expect(rowOf(page, email)).toContainText("Has not chosen a password");
    await page.reload();
    await expect(page.getByLabel("One-time password")).toHaveCount(0);
    await expect(rowOf(page, email)).toContainText("Operator");
  });

  test("says how many sessions an act ends; it ends them, and somebody who is disabled is out at once", async ({ page }) => {
    await signInToConsole(page);
    const operator = await addOperator(page, "operator");
    const other = await signInElsewhere(page, operator, "127.78.1.1");
    await page.goto("/admin/team");
    const row = rowOf(page, operator.email);
    await row.getByRole("button", { name: "Change A operator" }).click();
    await page.getByRole("menuitem", { name: "Disable" }).click();
    await expect(page.getByRole("dialog")).toContainText("2 sessions of A operator end at once.");
    await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
    await expect(page.getByText("A operator is disabled.")).toBeVisible();
    await expect(row).toContainText("Disabled");
    await other.goto("/admin/team");
    await expect(other).toHaveURL(/\/admin\/sign-in/);
    await row.getByRole("button", { name: "Change A operator" }).click();
    await page.getByRole("menuitem", { name: "Enable" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
    await expect(row).toContainText("Active");
    await signInToConsole(other, operator);
    await other.context().close();
  });

  test("is worked by the keyboard alone: a role is changed, and the focus comes back", async ({ page }) => {
    await signInToConsole(page);
    const { email } = await addOperator(page, "viewer");
    await page.goto("/admin/team");
    const button = rowOf(page, email).getByRole("button", { name: "Change A viewer" });
    await button.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menuitem", { name: "Change role" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("radio", { name: /^Viewer/ })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(button).toBeFocused();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page.getByText("A viewer is operator from now on.")).toBeVisible();
    await expect(rowOf(page, email)).toContainText("Operator");
  });
});

test("a viewer sees the team, with the reason why nothing can be changed", async ({ page }) => {
  await signInToConsole(page);
  const viewer = await addOperator(page, "viewer");
  const other = await signInElsewhere(page, viewer, "127.78.1.2");
  await other.goto("/admin/team");
  const add = other.getByRole("button", { name: "Add operator" });
  await expect(add).toBeDisabled();
  await expect(add).toHaveAccessibleDescription("Only owners change the team; your role is viewer.");
  await expect(other.getByText("Only owners change the team; your role is viewer.")).toBeVisible();
  await expect(other.getByRole("button", { name: /^Change/ }).first()).toBeDisabled();
  expect(await axe(other)).toEqual([]);
  await other.goto("/admin/audit");
  await expect(other.getByRole("button", { name: "Export" })).toBeDisabled();
  await other.context().close();
});

for (const path of ["/admin/team", "/admin/me"]) {
  test(`${path} fits a phone and a desk, in light and in dark, and everybody can use it`, async ({ page }) => {
    await signInToConsole(page);
    await confirmPassword(page);
    for (const [scheme, size] of [["light", PHONE], ["dark", DESK]] as const) {
      await theme(page, scheme);
      await page.setViewportSize(size);
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible({ visible: size === DESK });
      expect(await sidewaysScroll(page)).toBe(0);
      expect(await axe(page)).toEqual([]);
    }
  });
}

test("a new name is at once where the reader's name stands", async ({ page }) => {
  await signInToConsole(page);
  const operator = await addOperator(page, "viewer");
  const other = await signInElsewhere(page, operator, "127.78.1.3");
  await other.goto("/admin/me");
  await other.getByLabel("Name").fill("Katherine Johnson");
  await other.keyboard.press("Enter");
  await expect(other.getByText("Saved")).toBeVisible();
  await expect(other.getByRole("complementary", { name: "Side bar" })).toContainText("Katherine Johnson");
  await other.context().close();
});
