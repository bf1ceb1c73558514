import { request as http } from "node:http";
import { inventCustomer, makeCustomer, readMailedLink, signIn } from "./customer";
import { axe, expect, test } from "./fixtures";

/** What a refused call leaves in the browser's console. */
const refused = (status: number) => new RegExp(`status of ${status}`);

test("a reader signs up and confirms the address by the mailed link, with the keyboard alone", async ({ page }) => {
  const { name, email, password } = inventCustomer();
  await page.goto("/sign-up", { waitUntil: "networkidle" });
  await page.getByLabel("Name").focus();
  await page.keyboard.type(name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password.slice(0, 6));
  await expect(page.getByText("At least 10 characters: 4 more to go")).toBeVisible();
  await page.keyboard.type(password.slice(6));
  await expect(page.getByText("Long enough")).toBeVisible();
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { name: "Look into your mail" })).toBeFocused();
  await expect(page.getByText(email)).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/outbox$/);
  const mail = page.getByRole("article").filter({ hasText: email });
  await mail.getByRole("link").focus();
  await page.keyboard.press("Enter");

  await expect(page.getByLabel("Password", { exact: true })).toBeVisible();
  // Nobody types a password in the tenth of a second before the page's scripts have begun; without them its form does nothing.
  await page.waitForLoadState("networkidle");
  await page.getByLabel("Password", { exact: true }).focus();
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/keys$/);
  await expect(page.getByRole("button", { name: `Your account: ${name}` })).toBeVisible();
});

test.describe("signing up", () => {
  test.use({ allowedConsole: [refused(422)] });

  test("faults stand under their fields, and the first one gets the focus", async ({ page }) => {
    await page.goto("/sign-up");
    await page.getByRole("button", { name: "Sign up" }).click();
    await expect(page.locator("main").getByRole("alert")).toHaveText("3 fields need another value.");
    await expect(page.getByLabel("Name")).toBeFocused();
    await expect(page.getByLabel("Name")).toHaveAccessibleDescription("Name is missing.");
    await page.getByLabel("Name").fill("Ada");
    await page.getByLabel("Email").fill("ada@");
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Sign up" }).click();
    await expect(page.getByLabel("Email")).toBeFocused();
    await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/needs at least 10 characters; these are 5/);
    expect(await axe(page)).toEqual([]);
  });

  test("a password that is guessed first is refused under its field, and what was typed stays", async ({ page }) => {
    const { name, email } = inventCustomer();
    await page.goto("/sign-up");
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("1234567890");
    await page.getByRole("button", { name: "Sign up" }).click();
    await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
    await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/^Password is one of the passwords/);
    await expect(page.getByLabel("Email")).toHaveValue(email);
    await page.getByRole("button", { name: "Show the password" }).click();
    await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("type", "text");
  });

  test("an address that has an account gets the same page, and a way back to what was typed", async ({ page }) => {
    const { email } = await makeCustomer(page);
    await page.goto("/sign-up");
    await page.getByLabel("Name").fill("Somebody");
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("another good password");
    await page.getByRole("button", { name: "Sign up" }).click();
    await expect(page.getByRole("heading", { name: "Look into your mail" })).toBeVisible();
    await page.getByRole("button", { name: "Change it or send again" }).click();
    await expect(page.getByLabel("Email")).toHaveValue(email);
  });
});

test.describe("mailed links", () => {
  test.use({ allowedConsole: [/status of 422|ERR_BLOCKED_BY_CLIENT/] });

  test("opening one uses nothing up; pressing the button does, and the token leaves the address bar", async ({ page }) => {
    const customer = inventCustomer();
    await page.goto("/sign-up");
    await page.getByLabel("Name").fill(customer.name);
    await page.getByLabel("Email").fill(customer.email);
    await page.getByLabel("Password", { exact: true }).fill(customer.password);
    await page.getByRole("button", { name: "Sign up" }).click();
    await expect(page.getByRole("heading", { name: "Look into your mail" })).toBeVisible();
    const link = await readMailedLink(page, customer.email, "/confirm");
    await page.goto(link);
    await page.goto(link);
    await page.getByLabel("Password", { exact: true }).fill("what a stranger guesses");
    await page.getByRole("button", { name: "Confirm and sign in" }).click();
    await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/^Password is not the one you signed up with/);
    await page.getByLabel("Password", { exact: true }).fill(customer.password);
    await page.getByRole("button", { name: "Confirm and sign in" }).click();
    await expect(page).toHaveURL(/\/keys$/);
    await page.goBack();
    await expect(page).toHaveURL(/\/confirm$/);

    await page.goto(link);
    await page.getByLabel("Password", { exact: true }).fill(customer.password);
    await page.getByRole("button", { name: "Confirm and sign in" }).click();
    await expect(page.locator("main").getByRole("alert")).toHaveText("This link does not work any more");
    await expect(page).toHaveURL(/\/confirm$/);
  });

  test("whose account was made while signing in failed lead to the sign-in page, with the address filled in", async ({ page }) => {
    const { name, email, password } = inventCustomer();
    await page.goto("/sign-up");
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign up" }).click();
    await expect(page.getByRole("heading", { name: "Look into your mail" })).toBeVisible();
    await page.goto(await readMailedLink(page, email, "/confirm"));
    await page.route("**/api/auth/callback/credentials", (route) => route.abort("blockedbyclient"));
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Confirm and sign in" }).click();
    await expect(page.getByRole("status")).toContainText("Your address is confirmed");
    await expect(page.getByLabel("Email")).toHaveValue(email);
  });

  test("no request from their pages names the token, and no search engine keeps them", async ({ page }) => {
    const referrers: (string | undefined)[] = [];
    page.on("request", (request) => referrers.push(request.headers()["referer"]));
    for (const path of ["/confirm", "/reset"]) {
      await page.goto(`${path}?token=${"a".repeat(43)}`);
      await expect(page.locator('meta[name="referrer"]')).toHaveAttribute("content", "no-referrer");
      await expect(page.locator('meta[name="robots"]')).toHaveAttribute("content", /noindex/);
      await page.getByLabel(path === "/reset" ? "New password" : "Password", { exact: true }).fill("a password long enough");
      await page.keyboard.press("Enter");
      await expect(page.locator("main").getByRole("alert")).toHaveText("This link does not work any more");
    }
    expect(referrers.filter((referrer) => referrer?.includes("token="))).toEqual([]);
    await page.getByRole("link", { name: "Ask for a new link" }).click();
    await expect(page.getByRole("heading", { name: "Set a new password" })).toBeVisible();
  });

  test("a link that was cut says so without asking anybody", async ({ page }) => {
    for (const path of ["/confirm", "/confirm?token=abc", "/reset?token=abc"]) {
      await page.goto(path);
      await expect(page.locator("main").getByRole("alert")).toHaveText("This link does not work any more");
      expect(await axe(page)).toEqual([]);
    }
  });
});

test.describe("a forgotten password", () => {
  test.use({ allowedConsole: [refused(401)] });

  test("is replaced by the mailed link; sessions end and the old one works no more", async ({ page, browser }) => {
    const customer = await makeCustomer(page);
    const elsewhere = await browser.newContext();
    const other = await elsewhere.newPage();
    await signIn(other, customer);
    await page.goto("/sign-in");
    await page.getByRole("link", { name: "Set a new one" }).click();
    await expect(page.getByRole("heading", { name: "Set a new password" })).toBeVisible();
    await page.getByLabel("Email").fill(customer.email);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Look into your mail" })).toBeVisible();
    await page.goto(await readMailedLink(page, customer.email, "/reset"));
    await page.getByLabel("New password").fill("an entirely new password");
    await page.getByRole("button", { name: "Set this password" }).click();
    await expect(page.getByRole("status")).toContainText("Your new password is set");
    await other.goto("/account");
    await expect(other).toHaveURL(/\/sign-in\?next=%2Faccount$/);
    await elsewhere.close();

    await page.getByLabel("Email").fill(customer.email);
    await page.getByLabel("Password", { exact: true }).fill(customer.password);
    await page.keyboard.press("Enter");
    await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
    await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription("The email address or the password is wrong.");
    await page.getByLabel("Password", { exact: true }).fill("an entirely new password");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/keys$/);
  });
});

test.describe("signing in", () => {
  test.use({ allowedConsole: [refused(429)] });

  test("too many wrong passwords lock it, and the page says for how long", async ({ page, baseURL }) => {
    const { email, password } = await makeCustomer(page);
    const { csrfToken } = await (await page.request.get("/api/auth/csrf")).json();
    const guess = (number: number) =>
      page.request.post("/api/auth/callback/credentials", {
        data: { csrfToken, email, password: `wrong ${number}` },
        headers: { Origin: baseURL ?? "" },
      });
    await Promise.all(Array.from({ length: 12 }, (_, number) => guess(number)));
    await page.goto("/sign-in");
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await expect(page.locator("main").getByRole("alert")).toContainText(/wait 1[45] minutes/);
  });

  test("goes on to the page that was asked for, and never to another site", async ({ page }) => {
    const { email, password } = await makeCustomer(page);
    const ways = [
      { next: "/models/customer-churn?tenure=4", expected: "/models/customer-churn?tenure=4" },
      { next: "//evil.example/", expected: "/keys" },
    ];
    for (const { next, expected } of ways) {
      await page.context().clearCookies();
      await page.goto(`/sign-in?${new URLSearchParams({ next })}`);
      await page.getByLabel("Email").fill(email);
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.keyboard.press("Enter");
      await expect(page.getByRole("button", { name: /Your account/ })).toBeVisible();
      expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(expected);
    }
    await page.goto("/sign-in?next=/docs");
    await expect(page).toHaveURL(/\/docs$/);
  });
});

test("the outbox is closed to a request that names another host, and to one from another machine", async ({ baseURL, request }) => {
  const { hostname, port } = new URL(baseURL ?? "http://127.0.0.1:3000");
  const ask = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = http({ hostname, port, path: "/outbox", headers: { host } }, (response) => resolve(response.resume().statusCode));
      sent.on("error", reject).end();
    });
  expect(await ask(`localhost:${port}`)).toBe(200);
  expect(await ask("vitrine.example")).toBe(404);
  expect((await request.get("/outbox", { headers: { "X-Forwarded-For": "203.0.113.7" } })).status()).toBe(404);
});
