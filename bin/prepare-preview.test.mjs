import { describe, expect, it } from "vitest";
import { run } from "./support/process.mjs";

const prepare = (env) => run(process.execPath, ["bin/prepare-preview.mjs"], { env: { MONGODB_URI: "", VERCEL_ENV: "", ...env } });

describe("the last step of a build on Vercel", () => {
  it("touches nothing unless the build is a preview's", async () => {
    for (const kind of ["", "production", "development"]) {
      expect(await prepare({ VERCEL_ENV: kind, MONGODB_URI: "mongodb://db.invalid/vitrine" })).toMatchObject({ code: 0, output: "" });
    }
  });

  it("ends the build of a preview that has no database, and says what to set", async () => {
    const { code, stderr } = await prepare({ VERCEL_ENV: "preview" });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^✗ A preview needs a database: set MONGODB_URI[^\n]*\n?$/)]);
  });
});
