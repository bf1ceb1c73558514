import type { Page } from "@playwright/test";
import { becomeCustomer } from "./customer";
import { expect, test } from "./fixtures";
import { signInToConsole } from "./operator";

/** What the scripts below keep in the page under test. */
interface Watched {
  /** How many answers came with their title late. */
  late: number;
  /** What the page was when it stood there without a title. */
  untitled: string[];
}

/**
 * Runs in the page, before its own scripts. Next sends the parts of a page in the order in which they are ready: here the title, and what waits
 * for it, always come last and late. Whenever the document has changed, it is looked at before anything else can look.
 */
function sendTitlesLast(): void {
  const watched: Watched = { late: 0, untitled: [] };
  Object.assign(window, { watched });
  const send = window.fetch;
  window.fetch = async (...call) => {
    const answer = await send(...call);
    if (!answer.headers.get("content-type")?.includes("text/x-component")) return answer;
    const rows = (await answer.text()).split(/(?<=\n)/);
    const title = rows.findIndex((row) => /^[0-9a-f]+:\[\["\$","title"/.test(row));
    if (title < 0) return new Response(rows.join(""), answer);
    watched.late += 1;
    const held = rows.splice(title, /^[0-9a-f]+:null\n$/.test(rows[title + 1] ?? "") ? 2 : 1);
    const body = new ReadableStream({
      async start(stream) {
        stream.enqueue(new TextEncoder().encode(rows.join("")));
        await new Promise((done) => setTimeout(done, 150));
        stream.enqueue(new TextEncoder().encode(held.join("")));
        stream.close();
      },
    });
    const { status, headers, url, redirected } = answer;
    return Object.defineProperties(new Response(body, { status, headers }), { url: { value: url }, redirected: { value: redirected } });
  };
  const look = () => document.querySelector("title") === null && watched.untitled.push(location.pathname);
  window.addEventListener("load", () => new MutationObserver(look).observe(document, { childList: true, subtree: true }));
}

/** Does something that brings a title late, waits for it, and says where the page was without one. */
async function untitledDuring(page: Page, act: () => Promise<void>): Promise<string[]> {
  const read = () => page.evaluate<Watched>("window.watched");
  const { late } = await read();
  await act();
  await expect.poll(async () => (await read()).late, { message: "a title that comes late" }).toBeGreaterThan(late);
  await page.waitForLoadState("networkidle");
  return (await read()).untitled;
}

test("a page has a title at every moment while its keys are made and revoked, and on the way to the next page", async ({ page }) => {
  await becomeCustomer(page);
  await page.addInitScript(sendTitlesLast);
  await page.goto("/keys", { waitUntil: "networkidle" });
  const dialog = page.getByRole("dialog");
  const create = async () => {
    await page.getByRole("button", { name: "Create key" }).click();
    await dialog.getByLabel("Name", { exact: true }).fill("Laptop");
    await dialog.getByRole("button", { name: "Create key" }).click();
    await expect(page.getByRole("button", { name: "Revoke Laptop" })).toBeVisible();
  };
  expect(await untitledDuring(page, create)).toEqual([]);
  const revoke = async () => {
    await page.getByRole("button", { name: "Revoke Laptop" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await expect(page.getByRole("button", { name: "Revoke Laptop" })).toHaveCount(0);
  };
  expect(await untitledDuring(page, revoke)).toEqual([]);
  const leave = async () => {
    await page.getByRole("link", { name: "History", exact: true }).first().click();
    await expect(page).toHaveTitle("History · Vitrine");
  };
  expect(await untitledDuring(page, leave)).toEqual([]);
});

test("the console's pages have a title at every moment on the way from one to the next", async ({ page }) => {
  await signInToConsole(page);
  await page.addInitScript(sendTitlesLast);
  await page.goto("/admin", { waitUntil: "networkidle" });
  for (const section of ["Models", "Customers", "Team"]) {
    const open = async () => {
      await page.getByRole("link", { name: new RegExp(`^${section}`) }).first().click();
      await expect(page).toHaveTitle(`${section} · Vitrine console`);
    };
    expect(await untitledDuring(page, open), section).toEqual([]);
  }
});
