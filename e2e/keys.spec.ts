import { execFileSync } from "node:child_process";
import type { Page } from "@playwright/test";
import { makeKey, sendRows } from "./calls";
import { becomeCustomer } from "./customer";
import { axe, expect, sidewaysScroll, test, theme } from "./fixtures";

const CHURN = "customer-churn";
const dialogOf = (page: Page) => page.getByRole("dialog");
const rowOf = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

/** Makes a key on the page and answers with what stands in the notice. */
async function createOnPage(page: Page, name: string): Promise<{ secret: string; curl: string }> {
  await page.getByRole("button", { name: "Create key" }).click();
  await dialogOf(page).getByLabel("Name", { exact: true }).fill(name);
  await dialogOf(page).getByRole("button", { name: "Create key" }).click();
  const curl = (await page.getByRole("region", { name: "Try it with curl: code" }).textContent()) ?? "";
  return { secret: await page.getByLabel("New key").inputValue(), curl };
}

function runInShell(command: string): { id: string; code: string; request_id: string } {
  return JSON.parse(execFileSync("sh", ["-c", command], { encoding: "utf8" }));
}

test("a new key's curl answers as pasted, the call is in the history, and a revoked key is refused within seconds", async ({ page }) => {
  await becomeCustomer(page);
  await page.goto("/keys", { waitUntil: "networkidle" });
  await expect(page.getByRole("heading", { name: "No keys yet" })).toBeVisible();
  const { secret, curl } = await createOnPage(page, "Pricing nightly job");
  expect(secret).toMatch(/^vt_live_[0-9A-Za-z]{38}$/);
  expect(curl).toContain(secret);
  const prediction = runInShell(curl);

  await page.goto("/history");
  const call = rowOf(page, prediction.request_id);
  await expect(call).toContainText("Pricing nightly job");
  await call.getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/history/${prediction.id}$`));
  await expect(page.getByRole("link", { name: prediction.request_id })).toBeVisible();

  await page.goto("/keys", { waitUntil: "networkidle" });
  await expect(page.getByText(secret)).toHaveCount(0);
  await page.getByRole("button", { name: "Revoke Pricing nightly job" }).click();
  await expect(dialogOf(page)).toContainText("1 call came with it in the last 24 hours. Such calls will be refused from now on.");
  await dialogOf(page).getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("“Pricing nightly job” was revoked.")).toBeVisible();
  await expect.poll(() => runInShell(curl).code, { timeout: 5_000 }).toBe("key_revoked");
  await page.getByText("Ended keys").click();
  await expect(rowOf(page, "Pricing nightly job")).toContainText("Revoked");
});

test("a key is made for chosen models with the keyboard alone, and what is missing is told at its field", async ({ page, baseURL }) => {
  await becomeCustomer(page);
  await page.goto("/keys", { waitUntil: "networkidle" });
  await page.getByRole("button", { name: "Create key" }).focus();
  await page.keyboard.press("Enter");
  const name = dialogOf(page).getByLabel("Name", { exact: true });
  await expect(name).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialogOf(page)).toContainText("Give it a name that tells where it is used.");
  await page.keyboard.type("Churn only");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(dialogOf(page)).toContainText("Choose at least one model.");
  await dialogOf(page).getByLabel("Customer churn").focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await expect(rowOf(page, "Churn only")).toContainText("Customer churn");
  const secret = await page.getByLabel("New key").inputValue();
  expect((await sendRows(baseURL, secret, CHURN, [{}])).status).toBe(200);
  const refused = await sendRows(baseURL, secret, "house-price", [{}]);
  expect([refused.status, refused.body.code]).toEqual([403, "forbidden"]);
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.getByLabel("New key")).toHaveCount(0);
});

test("a key is renamed, switched off and on, and given a new secret while the old one goes on", async ({ page, baseURL }) => {
  await becomeCustomer(page);
  const old = await makeKey(page, baseURL, "Laptop");
  const call = async (secret: string) => (await sendRows(baseURL, secret, CHURN, [{}])).status;
  await page.goto("/keys", { waitUntil: "networkidle" });
  const choose = async (key: string, action: string) => {
    await page.getByRole("button", { name: `More for ${key}` }).first().click();
    await page.getByRole("menuitem", { name: action }).click();
  };
  await choose("Laptop", "Rename");
  await dialogOf(page).getByLabel("Name", { exact: true }).fill("Old laptop");
  await dialogOf(page).getByRole("button", { name: "Rename" }).click();
  await expect(rowOf(page, "Old laptop")).toBeVisible();

  await choose("Old laptop", "Switch off");
  await expect(rowOf(page, "Old laptop")).toContainText("Switched off");
  await expect.poll(() => call(old), { timeout: 5_000 }).toBe(403);
  await choose("Old laptop", "Switch on");
  await expect(rowOf(page, "Old laptop")).toContainText("Works");
  await expect.poll(() => call(old), { timeout: 5_000 }).toBe(200);

  await choose("Old laptop", "Rotate");
  await dialogOf(page).getByText("24 hours").click();
  await dialogOf(page).getByRole("button", { name: "Rotate" }).click();
  const next = await page.getByLabel("New key").inputValue();
  expect(next).not.toBe(old);
  await expect(rowOf(page, "Replaced")).toContainText("taken for 23 h 59 min more");
  expect([await call(old), await call(next)]).toEqual([200, 200]);
});

test("a dialog gives the focus back to the button it came from", async ({ page, baseURL }) => {
  await becomeCustomer(page);
  await makeKey(page, baseURL, "Laptop");
  await page.goto("/keys", { waitUntil: "networkidle" });
  const revoke = page.getByRole("button", { name: "Revoke Laptop" });
  await revoke.click();
  await page.keyboard.press("Escape");
  await expect(revoke).toBeFocused();
  const more = page.getByRole("button", { name: "More for Laptop" });
  await more.press("Enter");
  await page.keyboard.press("Enter");
  await expect(dialogOf(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(more).toBeFocused();
});

test("the API tab names the reader's key, and its curl runs once the key is set", async ({ page, baseURL }) => {
  await becomeCustomer(page);
  await page.goto(`/models/${CHURN}/api`);
  await expect(page.getByText("The examples run as they are, without a key.")).toBeVisible();
  const secret = await makeKey(page, baseURL, "Laptop");
  await page.reload();
  const hint = `${secret.slice(0, 12)}…${secret.slice(-4)}`;
  await expect(page.getByText(`The examples call with your key ${hint}`)).toBeVisible();
  const curl = (await page.getByRole("region", { name: "curl: code" }).textContent()) ?? "";
  expect(curl).toContain(hint);
  expect(curl).not.toContain(secret);
  const prediction = runInShell(`VITRINE_KEY=${secret}\n${curl}`);
  expect(prediction.id).toMatch(/^prd_/);
  await page.goto(`/history/${prediction.id}`);
  await expect(page.getByRole("region", { name: "Answer" })).toContainText("Laptop");
});

test("a visitor is sent to sign in, and comes back to the keys", async ({ page }) => {
  await page.goto("/keys");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fkeys$/);
});

test("the keys are accessible empty, listed, asked about and shown once, and fit a phone, light and dark", async ({ page }) => {
  test.slow();
  await becomeCustomer(page);
  for (const scheme of ["light", "dark"] as const) {
    await theme(page, scheme);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto("/keys", { waitUntil: "networkidle" });
    expect(await axe(page), `${scheme}, list`).toEqual([]);
    await createOnPage(page, `Key ${scheme}`);
    expect(await axe(page), `${scheme}, new key`).toEqual([]);
    await page.getByRole("button", { name: "Create key" }).click();
    await dialogOf(page).getByText("Chosen models").click();
    await dialogOf(page).getByRole("button", { name: "Create key" }).click();
    expect(await axe(page), `${scheme}, dialog`).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await sidewaysScroll(page)).toBe(0);
    await page.keyboard.press("Escape");
    expect(await axe(page), `${scheme}, phone`).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
  }
});
