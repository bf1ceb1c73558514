import { beforeAll, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";

beforeAll(async () => {
  await useOwnDatabase("secrets", process.env.MONGODB_URI);
  await database();
});

/** The module as a new process would load it. */
async function load() {
  vi.resetModules();
  return import("@/server/core/secrets");
}

describe("the secret of sessions", () => {
  it("is made once and kept in the database, so that all processes have the same", async () => {
    const processes = [await load(), await load(), await load()];
    const secrets = await Promise.all(processes.map(({ readSessionSecret }) => readSessionSecret()));
    expect(new Set(secrets).size).toBe(1);
    expect(secrets[0]).toMatch(/^[A-Za-z0-9_-]{64}$/);
    expect(await (await load()).readSessionSecret()).toBe(secrets[0]);
  });

  it("is the configured one where there is one", async () => {
    vi.stubEnv("AUTH_SECRET", "c".repeat(40));
    expect(await (await load()).readSessionSecret()).toBe("c".repeat(40));
    vi.stubEnv("AUTH_SECRET", "");
  });
});
