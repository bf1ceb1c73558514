import { beforeAll, expect, it, vi } from "vitest";
import { askDoor, codeOf, cookiesOf, createOperator, PASSWORD, sendForm } from "@/server/admin/test-support";
import { useOwnDatabase } from "@/server/api/test-support";

vi.stubEnv("VITRINE_URL", "https://models.example.com");
const OWN = { origin: "https://models.example.com" };

beforeAll(async () => {
  await useOwnDatabase("console-https", process.env.MONGODB_URI);
});

it("where pages travel encrypted the cookie does so alone, and a page of that address opens the console with it", async () => {
  const { email } = await createOperator("viewer");
  const response = await sendForm("callback/password", { email, password: PASSWORD }, OWN);
  const cookies = cookiesOf(response);
  expect([...cookies.keys()]).toEqual(["__Secure-console.session", "__Secure-console.pending"]);
  for (const { attributes } of cookies.values()) {
    const lasting = attributes.filter((attribute) => !/^(Expires|Max-Age)=/.test(attribute));
    expect(lasting.toSorted()).toEqual(["HttpOnly", "Path=/admin", "SameSite=Strict", "Secure"]);
  }
  const token = cookies.get("__Secure-console.session")?.value ?? "";
  expect(await codeOf(await askDoor("me.get", {}, { ...OWN, cookie: `__Secure-console.session=${token}` }))).toBe("ok");
  expect(await codeOf(await askDoor("me.get", {}, { ...OWN, cookie: `console.session=${token}` }))).toBe("console_session_needed");
});

it("a form of the plain address is not one of ours", async () => {
  const { email } = await createOperator("viewer");
  expect((await sendForm("callback/password", { email, password: PASSWORD })).status).toBe(403);
});
