import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Secret, TOTP } from "otpauth";
import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { addOperator, askConsole, confirmPassword, firstOperator, signInToConsole } from "../operator";

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };
const OPEN = ["/admin/sign-in", "/admin/sign-in/code"];

/** The address of every page of the console, by the files there are; a part that differs by thing is `x`. */
function listPages(): string[] {
  const folder = join(import.meta.dirname, "..", "..", "app", "(admin)");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith("page.tsx"));
  return files.map((file) => `/${file.replace(/\/?page\.tsx$/, "").replace(/\([^)]*\)\/?/g, "").replace(/\[[^\]]*\]/g, "x").replace(/\/$/, "")}`);
}

test("every page of the console sends whoever is not signed in to sign in, and tells nothing", async ({ page }) => {
  const paths = [...listPages().filter((path) => !OPEN.includes(path)), "/admin/nowhere/at/all"];
  expect(paths.length).toBeGreaterThan(8);
  for (const path of paths) {
    const response = await page.request.get(path, { maxRedirects: 0 });
    expect(response.status(), path).toBe(307);
    expect(response.headers()["location"], path).toBe(`/admin/sign-in?${new URLSearchParams({ next: path })}`);
    expect(await response.text(), path).not.toContain("console-side");
  }
});

test("every page sends whoever must choose a password to the page that does that", async ({ page, browser }) => {
  await signInToConsole(page);
  await confirmPassword(page);
  const email = `invited.${Date.now().toString(36)}@example.com`;
  const { password } = await askConsole<{ password: string }>(page, "team.add", { email, name: "Invited", role: "viewer" });
  const elsewhere = await browser.newContext({ extraHTTPHeaders: { "X-Forwarded-For": "127.77.1.2" } });
  const other = await elsewhere.newPage();
  await signInToConsole(other, { email, password });
  for (const path of listPages().filter((listed) => ![...OPEN, "/admin/password"].includes(listed))) {
    const response = await other.request.get(path, { maxRedirects: 0 });
    expect([response.status(), response.headers()["location"]], path).toEqual([307, "/admin/password"]);
  }
  await other.goto("/admin");
  await other.getByLabel("Password you were given", { exact: true }).fill(password);
  await other.getByLabel("New password", { exact: true }).fill("twelve patient herons");
  await other.keyboard.press("Enter");
  await expect(other).toHaveURL(/\/admin$/);
  await expect(other.getByRole("navigation", { name: "Console" })).toBeVisible();
  await elsewhere.close();
});

for (const path of OPEN) {
  test(`${path} fits a phone and a desk, in light and in dark, and everybody can use it`, async ({ page }) => {
    for (const [scheme, size] of [["light", PHONE], ["dark", DESK]] as const) {
      await theme(page, scheme);
      await page.setViewportSize(size);
      await page.goto(`${path}?error=${path.endsWith("code") ? "code_refused" : "sign_in_refused"}&left=3`);
      await expect(page.getByText("Three tries left.")).toBeVisible();
      expect(await sidewaysScroll(page)).toBe(0);
      expect(await axe(page)).toEqual([]);
    }
  });
}

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("somebody signs in, is led on to the page that was asked for, and signs out", async ({ page }) => {
    const { email, password } = firstOperator();
    await page.goto("/admin/audit?action=operator.sign_in");
    await expect(page).toHaveURL(/\/admin\/sign-in\?next=/);
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/Four tries left\./);
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/admin\/audit\?action=operator\.sign_in$/);
    await expect(page.getByRole("navigation", { name: "Console" })).toBeVisible();
    const cookies = await page.context().cookies();
    expect(cookies.filter(({ name }) => name.startsWith("console."))).toMatchObject([{ path: "/admin", httpOnly: true, sameSite: "Strict" }]);
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByText("You are signed out.")).toBeVisible();
    await page.goto("/admin/audit");
    await expect(page).toHaveURL(/\/admin\/sign-in/);
  });
});

test("after a wrong password the address is still there, and in no address bar: the password alone is typed again", async ({ page }) => {
  const { email, password } = firstOperator();
  await page.goto("/admin/sign-in");
  await expect(page.getByLabel("Email")).toBeFocused();
  await page.keyboard.type(email);
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
  await page.keyboard.type("not the password");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/Four tries left\./)).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue(email);
  expect(page.url()).not.toContain("@");
  expect(page.url()).not.toContain("%40");
  await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/admin$/);
});

test("the menu of a narrow screen leads to the customers' site and switches the theme, again and again", async ({ page }) => {
  test.slow();
  await theme(page, "light");
  await page.setViewportSize(PHONE);
  await signInToConsole(page);
  await page.goto("/admin/me");
  for (const shown of ["dark", "light", "dark"]) {
    await page.getByRole("button", { name: "Sections" }).click();
    await page.getByRole("menuitem", { name: "Switch between light and dark" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", shown);
  }
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "Sections" }).click();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("menuitem", { name: "Customer site" }).click();
  await expect(page).toHaveURL(/:\d+\/$/);
});

test("by the keyboard alone: sign in, walk to a section, sign out", async ({ page }) => {
  const { email, password } = firstOperator();
  await page.goto("/admin/sign-in", { waitUntil: "networkidle" });
  await page.getByLabel("Email").focus();
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/admin$/);
  await page.goto("/admin/me");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  const team = page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Team" });
  for (let presses = 0; presses < 14 && !(await team.evaluate((link) => link === document.activeElement)); presses++) await page.keyboard.press("Tab");
  await expect(team).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Team", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("You are signed out.")).toBeVisible();
});

test.describe("the second step", () => {
  test.use({ allowedConsole: [/status of 40[13]/] });

  test("is set up with a first code, asked for at the next sign-in, and removed with a code", async ({ page, browser }) => {
    await signInToConsole(page);
    const operator = await addOperator(page, "operator");
    const elsewhere = await browser.newContext({ extraHTTPHeaders: { "X-Forwarded-For": "127.77.1.3" } });
    const own = await elsewhere.newPage();
    await signInToConsole(own, operator);
    const { password } = operator;
    await own.goto("/admin/me");
    await own.getByRole("button", { name: "Set up an authenticator" }).click();
    await own.getByRole("dialog").getByLabel("Password", { exact: true }).fill(password);
    await own.keyboard.press("Enter");
    const dialog = own.getByRole("dialog", { name: "Set up an authenticator" });
    await expect(dialog.getByRole("img", { name: "The secret below, to read with a camera" })).toBeVisible();
    expect(await axe(own)).toEqual([]);
    const secret = (await dialog.locator("code").innerText()).replaceAll(" ", "");
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    await dialog.getByLabel("Code").fill("000000");
    await own.keyboard.press("Enter");
    await expect(dialog.getByLabel("Code")).toHaveAccessibleDescription(/does not belong to the secret/);
    await dialog.getByLabel("Code").fill(totp.generate({ timestamp: Date.now() - 30_000 }));
    await dialog.getByRole("button", { name: "Switch on" }).click();
    const codes = own.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
    await expect(codes).toHaveCount(10);
    const saved = own.waitForEvent("download");
    await own.getByRole("button", { name: "Download" }).click();
    expect((await saved).suggestedFilename()).toBe("vitrine-recovery-codes.txt");
    const recovery = await codes.first().innerText();
    await own.getByRole("button", { name: "Sign out" }).click();

    await own.getByLabel("Email").fill(operator.email);
    await own.getByLabel("Password", { exact: true }).fill(password);
    await own.keyboard.press("Enter");
    await expect(own.getByRole("heading", { name: "Second step" })).toBeVisible();
    await own.goto("/admin");
    await expect(own).toHaveURL(/\/admin\/sign-in/);
    await own.goto("/admin/sign-in/code");
    await own.getByLabel("Code").fill(totp.generate());
    await own.keyboard.press("Enter");
    await expect(own).toHaveURL(/\/admin$/);

    await own.goto("/admin/me");
    await own.getByRole("button", { name: "Remove the authenticator" }).click();
    await own.getByRole("dialog").getByLabel("Code").fill(recovery);
    await own.keyboard.press("Enter");
    await own.getByRole("dialog", { name: "Type your password again" }).getByLabel("Password", { exact: true }).fill(password);
    await own.keyboard.press("Enter");
    await expect(own.getByText("Sign-in asks for your password alone.")).toBeVisible();
    await elsewhere.close();
  });
});

test("a password that was confirmed once is good for the next act too", async ({ page }) => {
  await signInToConsole(page);
  await confirmPassword(page);
  await page.goto("/admin/team");
  await page.getByRole("button", { name: "Add operator" }).click();
  const mark = Date.now().toString(36);
  await page.getByRole("dialog").getByLabel("Name").fill("No second question");
  await page.getByRole("dialog").getByLabel("Email").fill(`quick.${mark}@example.com`);
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("One-time password")).toBeVisible();
});
