import { beforeAll, describe, expect, it } from "vitest";
import { changeSessions, codeOf, createSignedIn, type Headers, PASSWORD, sendForm } from "@/server/admin/test-support";
import { handleConsoleTrpc } from "@/server/admin/trpc";
import { newAddress, ORIGIN, useOwnDatabase } from "@/server/api/test-support";
import { endOperatorSession } from "@/server/modules/operators/sessions";

/** How many bytes a door took of a body that goes on for as long as somebody reads it. */
interface Poured {
  response: Response;
  taken: number;
}

const PIECE = new TextEncoder().encode(`${" ".repeat(4_096)}`);
const MOST = 2 * 1024 * 1024;

async function pour(headers: Headers): Promise<Poured> {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken >= MOST) return controller.close();
        taken += PIECE.length;
        controller.enqueue(PIECE);
      },
    },
    { highWaterMark: 0 },
  );
  const init: RequestInit & { duplex: "half" } = {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": newAddress(), origin: ORIGIN, ...headers },
    body,
    duplex: "half",
  };
  return { response: await handleConsoleTrpc(new Request(`${ORIGIN}/admin/trpc/me.rename`, init)), taken };
}

beforeAll(async () => {
  await useOwnDatabase("console-bodies", process.env.MONGODB_URI);
});

describe("the body of a call", () => {
  it("is not read of who is not signed in, nor of who calls from elsewhere", async () => {
    const { page } = await createSignedIn("owner");
    for (const [code, headers] of [["console_session_needed", {}], ["forbidden", { ...page, origin: "https://evil.example" }]] as const) {
      const { response, taken } = await pour(headers);
      expect(await codeOf(response)).toBe(code);
      expect(taken, code).toBe(0);
    }
  });

  it.each([["viewer", {}], ["owner", { mustChangePassword: true }]] as const)(
    "of a %s who sends names and passwords alone (%j) is read up to 16 KiB",
    async (role, change) => {
      const { page } = await createSignedIn(role, false, change);
      const { response, taken } = await pour(page);
      expect(await codeOf(response)).toBe("body_too_large");
      expect(taken).toBeLessThanOrEqual(16 * 1024 + 2 * PIECE.length);
    },
  );

  it("of an operator is read up to a MiB", async () => {
    const { page } = await createSignedIn("operator");
    const { response, taken } = await pour(page);
    expect(await codeOf(response)).toBe("body_too_large");
    expect(taken).toBeGreaterThan(1024 * 1024);
  });

  it("opens nothing any more when its session ended while it was on its way", async () => {
    const { token, page, _id } = await createSignedIn("operator", true);
    await changeSessions(_id, { lastSeenAt: new Date() });
    const text = JSON.stringify({ name: "Somebody else" });
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await endOperatorSession(token);
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    }, { highWaterMark: 0 });
    const headers = { "content-type": "application/json", "x-forwarded-for": newAddress(), ...page };
    const init: RequestInit & { duplex: "half" } = { method: "POST", headers, body, duplex: "half" };
    expect(await codeOf(await handleConsoleTrpc(new Request(`${ORIGIN}/admin/trpc/me.rename`, init)))).toBe("console_session_needed");
  });
});

it("a form of the sign-in is read up to 32 KiB: anybody may send one", async () => {
  const fields = { email: "ada@example.com", password: PASSWORD };
  expect((await sendForm("callback/password", { ...fields, more: "x".repeat(33 * 1024) })).status).toBe(413);
  expect((await sendForm("callback/password", { ...fields, next: `/admin/requests?code=${"x".repeat(12 * 1024)}` })).status).toBe(303);
});
