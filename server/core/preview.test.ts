import { beforeAll, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { namePreviewDatabase } from "@/server/core/preview";

describe("the database of a branch", () => {
  it("carries the branch's name as far as a database can", () => {
    expect(namePreviewDatabase("new-page")).toBe("vitrine-preview-new-page");
    expect(namePreviewDatabase("Feature/New page!")).toMatch(/^vitrine-preview-feature-new-pag-[0-9a-f]{6}$/);
    expect(namePreviewDatabase("")).toMatch(/^vitrine-preview-[0-9a-f]{6}$/);
    expect(namePreviewDatabase("分支")).toMatch(/^vitrine-preview-[0-9a-f]{6}$/);
  });

  it("is another one for each branch, also where their names differ in letters that a database's name cannot hold", () => {
    const long = ["x".repeat(80), "x".repeat(81)];
    const branches = ["feature/a", "feature-a", "Feature-a", "feature.a", "feature-a-", "", "分支", "支分", "main", ...long];
    expect(new Set(branches.map(namePreviewDatabase)).size).toBe(branches.length);
  });

  it("is never longer than Atlas allows, and has only letters that every server takes", () => {
    for (const branch of ["x".repeat(22), "x".repeat(23), "a/".repeat(60), "renovate/typescript-eslint-monorepo"]) {
      expect(namePreviewDatabase(branch)).toMatch(/^vitrine-preview-[a-z0-9-]{6,22}$/);
    }
  });
});

describe("a preview's process", () => {
  beforeAll(async () => useOwnDatabase("preview", process.env.MONGODB_URI));

  it("works in the database of its branch, whatever database the address names", async () => {
    vi.resetModules();
    const told = { VERCEL: "1", VERCEL_ENV: "preview", VERCEL_GIT_COMMIT_REF: "new-page" };
    for (const [name, value] of Object.entries(told)) vi.stubEnv(name, value);
    const { closeDatabase, database } = await import("@/server/core/db");
    await closeDatabase();
    const connection = await database();
    expect([connection.name, connection.db?.databaseName]).toEqual(["vitrine-preview-new-page", "vitrine-preview-new-page"]);
    await connection.dropDatabase();
    await closeDatabase();
  });
});
