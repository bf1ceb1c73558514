import { beforeAll, describe, expect, it } from "vitest";
import { readText } from "@/server/core/body";
import { handleRest } from "@/server/api/rest";
import { createCustomer, createTestKey, newAddress, ORIGIN, readProblem, useOwnDatabase } from "@/server/api/test-support";
import { revokeKey } from "@/server/modules/keys/service";

beforeAll(async () => useOwnDatabase("body", process.env.MONGODB_URI));

/** A call whose body comes when the test says so. */
function holdBack(path: string, headers: Record<string, string>) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: readable, duplex: "half" };
  const send = async (text: string) => {
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  };
  return { request: new Request(`${ORIGIN}${path}`, init), send };
}

describe("a body that is held back", () => {
  it("does not outlive the key it began with", async () => {
    const { id } = await createCustomer();
    const key = await createTestKey(id);
    const { request, send } = holdBack("/api/v1/models/nothing/predictions", key.bearer);
    const answered = handleRest(request, newAddress());
    await revokeKey(id, key.id);
    await send('{"input": {}}');
    expect((await readProblem(await answered)).code).toBe("key_revoked");
  });

  it("is waited for only so long", async () => {
    const { request } = holdBack("/api/v1/models/nothing/predictions", {});
    await expect(readText(request, 20)).rejects.toMatchObject({ code: "malformed_body", message: "The body came too slowly." });
  });
});
