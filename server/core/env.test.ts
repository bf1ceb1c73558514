import { describe, expect, it } from "vitest";
import { parseEnvironment } from "@/server/core/env";

describe("environment", () => {
  it("has a default for everything, so that a fresh clone starts", () => {
    const environment = parseEnvironment({});
    expect(environment.database).toEqual({ uri: null, dataFolder: ".data", embeddedInProduction: false });
    expect(environment.visitor).toEqual({ callsPerMinute: 60, rowsPerMinute: 2_000 });
  });

  it("names every wrong variable in one line and never its value", () => {
    const start = () => parseEnvironment({ MONGODB_URI: "postgres://user:secret@host", VISITOR_CALLS_PER_MINUTE: "many" });
    expect(start).toThrow(/MONGODB_URI must begin with mongodb.*VISITOR_CALLS_PER_MINUTE/);
    expect(start).not.toThrow(/secret|many/);
    expect(start).not.toThrow(/\n/);
  });

  it("takes an empty variable as one that is not set", () => {
    expect(parseEnvironment({ MONGODB_URI: "", VITRINE_URL: "", VISITOR_CALLS_PER_MINUTE: "" })).toMatchObject({
      database: { uri: null },
      publicUrl: null,
      visitor: { callsPerMinute: 60 },
    });
  });

  it("keeps the public address without a trailing slash", () => {
    expect(parseEnvironment({ VITRINE_URL: "https://models.example.com/" }).publicUrl).toBe("https://models.example.com");
  });
});
