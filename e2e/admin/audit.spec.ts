import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { addOperator, askConsole, confirmPassword, signInToConsole } from "../operator";

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

interface Entry {
  number: number;
  hash: string;
  previous_hash: string;
  hashed: string;
}

test("an act is listed with its author, opened beside the list with what changed, and stands in the address", async ({ page }) => {
  await signInToConsole(page);
  const { email } = await addOperator(page, "viewer");
  const { items } = await page.request
    .get(`/admin/trpc/audit.list?input=${encodeURIComponent(JSON.stringify({ target: email }))}`)
    .then(async (response) => (await response.json()).result.data);
  expect(items).toHaveLength(1);

  await page.goto("/admin/audit");
  await page.getByLabel("Done to").fill(email);
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(new RegExp(`target=${encodeURIComponent(email)}`));
  const row = page.getByRole("row").filter({ hasText: "operator.add" });
  await expect(row).toHaveCount(1);
  await row.getByRole("link").click();
  const entry = page.getByRole("complementary", { name: `Entry ${items[0].number}` });
  await expect(entry).toContainText(items[0].hash);
  await expect(entry).toContainText("role");
  const toRequest = entry.getByRole("link", { name: items[0].request_id });
  await expect(toRequest).toHaveAttribute("href", `/admin/requests?request_id=${items[0].request_id}`);
  await page.reload();
  await expect(entry).toBeVisible();
  await toRequest.click();
  await expect(page.getByRole("row").filter({ hasText: "trpc team.add" })).toHaveCount(1);
  await page.goBack();
  await page.goBack();
  await expect(entry).toHaveCount(0);
});

test("is read by the keyboard alone: J and K step, Enter opens, Escape closes", async ({ page }) => {
  await signInToConsole(page);
  await addOperator(page, "viewer");
  await page.goto("/admin/audit");
  const links = page.getByRole("row").getByRole("link");
  await links.first().focus();
  await page.keyboard.press("j");
  await expect(links.nth(1)).toBeFocused();
  await page.keyboard.press("k");
  await expect(links.first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: /^Entry/ })).toBeVisible();
  const first = await page.getByRole("complementary", { name: /^Entry/ }).getAttribute("aria-label");
  await page.keyboard.press("j");
  await expect(page.getByRole("complementary", { name: /^Entry/ })).not.toHaveAttribute("aria-label", first ?? "");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("complementary", { name: /^Entry/ })).toHaveCount(0);
});

test("verifies, and its export proves itself outside", async ({ page }) => {
  await signInToConsole(page);
  await page.goto("/admin/audit");
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText(/entries are as they were written\./)).toBeVisible();
  const head = await page.locator(".notice .hash").innerText();
  expect(await axe(page)).toEqual([]);
  const saved = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export" }).click();
  const file = await (await saved).path();
  const [first = "", ...lines] = (await readFile(file, "utf8")).trimEnd().split("\n");
  expect(JSON.parse(first).how_to_verify).toContain("SHA-256");
  let previous = "";
  const entries = lines.map((line) => JSON.parse(line) as Entry);
  for (const [index, entry] of entries.entries()) {
    expect(entry.number).toBe(index + 1);
    expect(entry.previous_hash).toBe(previous);
    previous = createHash("sha256").update(entry.hashed).digest("hex");
    expect(previous).toBe(entry.hash);
  }
  expect(entries.map(({ hash }) => hash)).toContain(head);
});

for (const [scheme, size] of [["light", PHONE], ["dark", DESK]] as const) {
  test(`fits its window of ${size.width} pixels, with and without an open entry, and everybody can use it, ${scheme}`, async ({ page }) => {
    await signInToConsole(page);
    await confirmPassword(page);
    await askConsole(page, "me.rename", { name: "Owner" });
    for (const path of ["/admin/audit", "/admin/audit?entry=1", "/admin/audit?action=nothing.like.it", "/admin/audit?from=yesterday"]) {
      await theme(page, scheme);
      await page.setViewportSize(size);
      await page.goto(path);
      await expect(page.getByRole("heading", { name: "Audit", exact: true })).toBeVisible();
      expect(await sidewaysScroll(page), path).toBe(0);
      expect(await axe(page), path).toEqual([]);
    }
    await expect(page.getByLabel("From day (UTC)")).toHaveAccessibleDescription("That is no day.");
    await page.getByRole("link", { name: "Clear the filters" }).click();
    await expect(page).toHaveURL(/\/admin\/audit$/);
  });
}

test.describe("an address that does not exist", () => {
  test.use({ allowedConsole: [/status of 404/] });

  test("says so to operators inside the console, with a way back", async ({ page }) => {
    await signInToConsole(page);
    const response = await page.goto("/admin/nowhere");
    expect(response?.status()).toBe(404);
    await expect(page.getByRole("heading", { name: "There is nothing at this address" })).toBeVisible();
    await expect(page.getByRole("navigation", { name: "Console" })).toBeVisible();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("link", { name: "Audit" }).last().click();
    await expect(page.getByRole("heading", { name: "Audit", exact: true })).toBeVisible();
  });
});
