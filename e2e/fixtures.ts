import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test as base } from "@playwright/test";

export { expect };

interface Watch {
  /** Messages that a test provokes on purpose, e.g. `/status of 404/`: everything else the browser complains about fails the test. */
  allowedConsole: RegExp[];
}

interface Fixtures extends Watch {
  watchedPage: void;
}

/** Every complaint of the browser about one page, collected while the test runs. */
function collectComplaints(page: Page, ownHost: string, allowed: RegExp[]): string[] {
  const complaints: string[] = [];
  const complain = (text: string) => {
    if (!allowed.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complain(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complain(`page error: ${error.message}`));
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http") && host !== ownHost) complain(`request to a foreign host: ${host}`);
  });
  return complaints;
}

/** An address of this machine that no other test comes from: what is limited by address is then limited by test. */
function inventAddress(): string {
  const part = () => 1 + Math.floor(Math.random() * 254);
  return `127.${part()}.${part()}.${part()}`;
}

/**
 * Playwright's `test`, with one guarantee more: it fails when the browser logged an error or a warning, when a script threw, or when
 * the page asked another host for anything. `test.use({ allowedConsole: [/…/] })` names what a test provokes on purpose.
 */
export const test = base.extend<Fixtures>({
  allowedConsole: [[], { option: true }],
  extraHTTPHeaders: async ({ baseURL: _baseURL }, run) => run({ "X-Forwarded-For": inventAddress() }),
  watchedPage: [
    async ({ page, baseURL, allowedConsole }, run) => {
      const complaints = collectComplaints(page, new URL(baseURL ?? "http://127.0.0.1:3000").host, allowedConsole);
      await run();
      expect(complaints, "what the browser complained about").toEqual([]);
    },
    { auto: true },
  ],
});

/** Until colours and sizes are those that stay: what fades or moves on the way has no contrast to be judged by. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** The accessibility faults of the page as it stands, one line each (rule, element); empty when there are none. */
export async function axe(page: Page): Promise<string[]> {
  await settle(page);
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  return violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} (${node.failureSummary ?? rule.help})`),
  );
}

/** Makes the page look as for a reader whose system prefers that theme; call it before `goto`. */
export async function theme(page: Page, scheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
}

/** By how many CSS pixels the page is wider than its window; 0 when nothing has to be scrolled sideways. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
}
