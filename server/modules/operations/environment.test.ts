import { beforeAll, describe, expect, it, vi } from "vitest";
import { environmentReport } from "@/lib/contracts/operations.admin";
import { useOwnDatabase } from "@/server/api/test-support";
import { readEnvironment } from "@/server/modules/operations/environment.admin";

/** Everything that opens a door or belongs to somebody; each of these is looked for in the report. */
const secrets = {
  AUTH_SECRET: "auth-secret-of-at-least-32-characters",
  ADMIN_SECRET: "admin-secret-of-at-least-32-characters",
  ADMIN_EMAIL: "first-operator@private.example",
  ADMIN_PASSWORD: "password-of-the-first",
  ADMIN_ALLOW: "192.0.2.0/24, 198.51.100.7",
  CRON_SECRET: "cron-secret-of-sixteen",
  GITHUB_ID: "github-client-id",
  GITHUB_SECRET: "github-client-secret",
  GOOGLE_ID: "google-client-id",
  GOOGLE_SECRET: "google-client-secret",
  SMTP_URL: "smtp://mailer:mail-password@mail.private.example:25",
  MAIL_FROM: "Vitrine <sender@private.example>",
  UPSTASH_REDIS_REST_URL: "https://upstash-host.private.example",
  UPSTASH_REDIS_REST_TOKEN: "upstash-token",
  REDIS_URL: "redis://default:redis-password@redis.private.example:6379",
  CORS_ORIGINS: "https://app.private.example",
};

beforeAll(async () => {
  for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value);
  vi.stubEnv("VITRINE_URL", "https://models.example.com");
  vi.stubEnv("VITRINE_BUILD", "build-7");
  vi.stubEnv("VISITOR_ROWS_PER_MINUTE", "12500");
  await useOwnDatabase("environment", process.env.MONGODB_URI);
});

describe("readEnvironment", () => {
  it("says what is configured and nothing that opens a door", async () => {
    const report = await readEnvironment();
    expect(environmentReport.parse(report)).toEqual(report);
    const text = JSON.stringify(report);
    for (const [name, value] of Object.entries(secrets)) {
      for (const part of value.split(/[\s,<>]+|:\/\/|[:@/]/).filter(({ length }) => length > 5)) expect(text, name).not.toContain(part);
    }
    expect(text).not.toContain(process.env.VITRINE_DATA ?? "no folder");
    const stateOf = Object.fromEntries(report.groups.map(({ name, state }) => [name, state]));
    const on = { Database: "on", Mail: "on", "Limits of a minute": "on", "Networks of the console": "on", Scheduler: "on" };
    expect(stateOf).toMatchObject(on);
    expect(report).toMatchObject({ build: "build-7", node: process.version, mode: "test" });
    const detailOf = (wanted: string) => report.groups.find(({ name }) => name === wanted)?.detail;
    expect(detailOf("Database")).toMatch(/\d+\.\d+/);
    expect(detailOf("Visitors without a key")).toContain("12,500 rows a minute");
  });

  it("warns of what is left to be done, and of nothing else", async () => {
    expect((await readEnvironment()).warnings).toEqual([expect.stringContaining("ADMIN_PASSWORD still stands in the environment")]);
  });
});
