import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { signInToConsole } from "../operator";

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

test.beforeEach(async ({ page }) => {
  await signInToConsole(page);
  await page.goto("/admin/me");
  await expect(page.getByRole("button", { name: "Search the console" })).toBeEnabled();
});

test("opens by Ctrl+K and by the slash, finds sections, acts and models, and goes there by Enter", async ({ page }) => {
  const field = page.getByRole("combobox", { name: "Search the console" });
  await page.keyboard.press("Control+k");
  await expect(field).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(field).toHaveCount(0);
  await page.keyboard.press("/");
  await expect(field).toBeFocused();
  await page.keyboard.type("house");
  const model = page.getByRole("option", { name: /House price/ });
  await expect(model).toHaveAttribute("aria-selected", "true");
  await expect(field).toHaveAttribute("aria-activedescendant", (await model.getAttribute("id")) ?? "");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/admin\/models\/house-price$/);
});

test("moves by the arrows and goes round, and says when nothing is found", async ({ page }) => {
  await page.keyboard.press("Control+k");
  const chosen = page.getByRole("option", { selected: true });
  await expect(chosen).toHaveText(/Overview/);
  await page.keyboard.press("ArrowDown");
  await expect(chosen).toHaveText(/Models/);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(chosen).toHaveText(/Change your password/);
  await page.keyboard.type("zzzz nothing like it");
  await expect(page.getByRole("status").filter({ hasText: "Nothing found." })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("leads to a request by its id, and to the team by a name", async ({ page }) => {
  await page.keyboard.press("Control+k");
  await page.keyboard.type("req_01M81JKSTFKWQK2S0NDJZP5YBB");
  await expect(page.getByRole("option")).toHaveCount(1);
  await expect(page.getByRole("option")).toHaveAttribute("href", "/admin/requests?request_id=req_01M81JKSTFKWQK2S0NDJZP5YBB");
  await page.getByRole("combobox").fill("owner@");
  await expect(page.getByRole("option", { name: /owner@example\.com/ })).toHaveAttribute("href", "/admin/team");
});

test("the keys are listed by the question mark, and g with a letter leads to a section", async ({ page }) => {
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await expect(page).toHaveURL(/\/admin\/team$/);
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await expect(page).toHaveURL(/\/admin\/audit$/);
});

test("keys stay letters where somebody types", async ({ page }) => {
  await page.getByLabel("Name").fill("");
  await page.getByLabel("Name").pressSequentially("g t/?");
  await expect(page.getByLabel("Name")).toHaveValue("g t/?");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page).toHaveURL(/\/admin\/me$/);
});

test("fits a phone and a desk, in light and in dark, and everybody can use it", async ({ page }) => {
  for (const [scheme, size] of [["light", PHONE], ["dark", DESK]] as const) {
    await theme(page, scheme);
    await page.setViewportSize(size);
    await page.goto("/admin/me");
    await page.getByRole("button", { name: "Search the console" }).click();
    await page.keyboard.type("e");
    await expect(page.getByRole("option").first()).toBeVisible();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await axe(page)).toEqual([]);
  }
});
