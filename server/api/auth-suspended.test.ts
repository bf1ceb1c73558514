import { beforeAll, expect, it, vi } from "vitest";
import { handleAuth } from "@/server/api/auth";
import { newAddress, ORIGIN, readProblem } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { newCustomer, PASSWORD, useAccounts } from "@/server/modules/accounts/test-support";

const WRONG = "not the password";

beforeAll(async () => {
  vi.stubEnv("CONTACT_EMAIL", "help@vitrine.test");
  await useAccounts("auth-suspended", process.env.MONGODB_URI);
});

/** Signs in as a page does, or as its plain form where no script runs. */
async function signIn(kind: "script" | "form", email: string, password: string): Promise<Response> {
  const [address, headers] = [newAddress(), { origin: ORIGIN }];
  const page = await handleAuth(new Request(`${ORIGIN}/api/auth/csrf`), address);
  const cookie = page.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  const { csrfToken } = (await page.json()) as { csrfToken: string };
  const fields = { csrfToken, email, password };
  const [type, body] = kind === "form" ? ["x-www-form-urlencoded", new URLSearchParams(fields).toString()] : ["json", JSON.stringify(fields)];
  const init = { method: "POST", headers: { ...headers, cookie, "content-type": `application/${type}` }, body };
  return handleAuth(new Request(`${ORIGIN}/api/auth/callback/credentials`, init), address);
}

it("a suspended customer is told so and whom to write to, by script and by form; whoever has a wrong password learns nothing of it", async () => {
  const { email, customerId } = await newCustomer();
  await (await database()).collection<{ _id: string }>("accounts").updateOne({ _id: customerId }, { $set: { suspendedAt: new Date() } });
  const refused = await signIn("script", email, PASSWORD);
  expect(refused.status).toBe(403);
  expect(await readProblem(refused)).toMatchObject({ code: "forbidden", detail: expect.stringMatching(/suspended.*help@vitrine\.test/) });
  expect((await signIn("form", email, PASSWORD)).headers.get("location")).toBe("/sign-in?error=suspended");
  expect(await readProblem(await signIn("script", email, WRONG))).toMatchObject({ code: "sign_in_refused" });
  expect((await signIn("form", email, WRONG)).headers.get("location")).toBe("/sign-in?error=sign_in_refused");
});
