import type { Page } from "@playwright/test";
import { axe, expect, sidewaysScroll, test, theme } from "../fixtures";
import { addOperator, askConsole, readConsole, signInToConsole } from "../operator";

const mark = () => Math.random().toString(36).slice(2, 8);

interface Rule {
  id: string;
  name: string;
}

/** A rule that is broken from its first round on: nobody calls that model. */
const silent = (name: string) => ({
  name,
  metric: "silence",
  surface: "api",
  model: `nobody-calls-${mark()}`,
  threshold: 1,
  window_minutes: 1,
  min_calls: 0,
  enabled: true,
  mail_to: [],
});

/** Has the rules looked at until one is broken: a round that another process is at may have begun before the rule was there. */
async function openAlerts(page: Page, name: string): Promise<void> {
  await expect
    .poll(async () => {
      await askConsole(page, "operations.runJob", { job: "alerts" });
      const { items } = await readConsole<{ items: { rule: Rule }[] }>(page, "alerts.active");
      return items.filter(({ rule }) => rule.name === name).length;
    })
    .toBe(1);
  await page.goto("/admin/alerts");
  await expect(page.getByRole("region", { name: "Active" }).getByRole("listitem").filter({ hasText: name })).toBeVisible();
}

test("a rule is made with what it would have done, opens, is acknowledged, muted, switched off and deleted", async ({ page }) => {
  test.slow();
  await signInToConsole(page);
  const name = `Nobody calls ${mark()}`;
  await page.goto("/admin/alerts");
  await page.getByRole("button", { name: "Add rule" }).click();
  const form = page.getByRole("dialog", { name: "Add a rule" });
  await form.getByRole("button", { name: "Add rule" }).click();
  await expect(form.getByText("Name is missing.")).toBeVisible();
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("Watch").selectOption("silence");
  await expect(form.getByLabel("Fewer than")).toHaveValue("1");
  await form.getByLabel("Fewer than").fill("1000000");
  await form.getByLabel("Mail it to").selectOption("nobody");
  await expect(form.getByText(/In the last 24 hours it would have fired/)).toBeVisible();
  await form.getByRole("button", { name: "Add rule" }).click();
  const rules = page.getByRole("region", { name: "Rules" });
  await expect(rules.getByRole("row", { name: new RegExp(name) })).toContainText("fewer than 1,000,000 calls over 15 min");

  await openAlerts(page, name);
  const active = page.getByRole("region", { name: "Active" });
  const alert = active.getByRole("listitem").filter({ hasText: name });
  await expect(alert).toContainText("Nobody was mailed");
  await alert.getByRole("button", { name: `Acknowledge ${name}` }).click();
  await page.getByLabel("Note (optional)").fill("Known since noon");
  await page.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
  await expect(alert).toContainText("Known since noon");

  const act = async (entry: string) => {
    await rules.getByRole("button", { name: `Change ${name}` }).click();
    await page.getByRole("menuitem", { name: entry }).click();
  };
  const row = rules.getByRole("row", { name: new RegExp(name) });
  await act("Mute for an hour");
  await expect(page.getByText(`“${name}” is muted for an hour.`)).toBeVisible();
  await expect(row).toContainText(/Broken, muted\s*Muted until/);
  await expect(alert).toContainText(/Muted until .*: until then nobody is mailed/);
  await act("Switch off");
  await expect(row).toContainText("Off");
  await expect(active.getByText(name)).toHaveCount(0);
  await row.getByRole("link", { name: `Show the history of ${name}` }).click();
  await expect(page).toHaveURL(/rule=rul_/);
  await expect(page.getByRole("region", { name: "History" })).toContainText("The rule was switched off");
  await act("Delete");
  await page.getByRole("button", { name: "Delete rule" }).click();
  await expect(page.getByText(`The rule “${name}” was deleted.`)).toBeVisible();
});

test("an active alert leads to the requests behind it", async ({ page }) => {
  await signInToConsole(page);
  const name = `Always broken ${mark()}`;
  const rule = { ...silent(name), metric: "p99", model: "customer-churn", threshold: 0.001, window_minutes: 5 };
  const { id } = await askConsole<Rule>(page, "alerts.createRule", rule);
  const input = { tenure: 2, contract: "Month-to-month", monthly_charges: 89.95 };
  await page.request.post("/api/v1/models/customer-churn/predictions", { data: { input } });
  await openAlerts(page, name);
  const link = page.getByRole("region", { name: "Active" }).getByRole("link", { name: `Requests behind ${name}` });
  await expect(link).toHaveAttribute("href", /^\/admin\/requests\?surface=api&model=customer-churn&slower_than_ms=0\.001&from=/);
  await askConsole(page, "alerts.deleteRule", { id });
});

test("a rule is made by the keyboard alone", async ({ page }) => {
  await signInToConsole(page);
  const name = `By keyboard ${mark()}`;
  await page.goto("/admin/alerts");
  await page.getByRole("button", { name: "Add rule" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Name")).toBeVisible();
  await page.getByLabel("Name").focus();
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  await expect(page.getByText(`The rule “${name}” is kept.`)).toBeVisible();
  await page.getByRole("button", { name: `Change ${name}` }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toContainText("Nobody is told any more");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: `Change ${name}` })).toBeFocused();
});

test("a viewer sees the rules, and why they cannot be changed", async ({ page, browser, baseURL, extraHTTPHeaders }) => {
  await signInToConsole(page);
  const viewer = await addOperator(page, "viewer");
  const context = await browser.newContext({ baseURL: baseURL ?? "", extraHTTPHeaders: extraHTTPHeaders ?? {} });
  const theirs = await context.newPage();
  await signInToConsole(theirs, viewer);
  await theirs.goto("/admin/alerts");
  const add = theirs.getByRole("button", { name: "Add rule" });
  await expect(add).toBeDisabled();
  await expect(add).toHaveAccessibleDescription(/takes the role operator/);
  await expect(theirs.getByRole("row", { name: /Customers' calls fail/ })).toBeVisible();
  await context.close();
});

for (const scheme of ["light", "dark"] as const) {
  test(`the page is whole in the ${scheme} theme, on a wide screen and on a phone`, async ({ page }) => {
    test.slow();
    await theme(page, scheme);
    await signInToConsole(page);
    const name = `Looks ${mark()}`;
    const { id } = await askConsole<Rule>(page, "alerts.createRule", silent(name));
    await openAlerts(page, name);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto("/admin/alerts");
      await expect(page.getByRole("region", { name: "Active" }).getByRole("listitem").first()).toBeVisible();
      expect(await axe(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
      await page.getByRole("button", { name: "Add rule" }).click();
      await expect(page.getByText(/In the last 24 hours it would/)).toBeVisible();
      expect(await axe(page)).toEqual([]);
    }
    await askConsole(page, "alerts.deleteRule", { id });
  });
}
