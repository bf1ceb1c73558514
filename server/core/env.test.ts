import { describe, expect, it } from "vitest";
import { parseEnvironment } from "@/server/core/env";

describe("environment", () => {
  it("has a default for everything, so that a fresh clone starts", () => {
    const environment = parseEnvironment({});
    expect(environment.database).toEqual({ uri: null, name: null, dataFolder: ".data", embeddedInProduction: false });
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

  it("logs what an operator expects, and nothing while tests run", () => {
    expect(parseEnvironment({ NODE_ENV: "production" }).logLevel).toBe("info");
    expect(parseEnvironment({ NODE_ENV: "test" }).logLevel).toBe("silent");
    expect(parseEnvironment({ NODE_ENV: "test", LOG_LEVEL: "debug" }).logLevel).toBe("debug");
  });

  it("tells its figures on a port of its own where one is named, to this machine alone unless told otherwise", () => {
    expect(parseEnvironment({}).metrics).toBeNull();
    expect(parseEnvironment({ METRICS_PORT: "9464" }).metrics).toEqual({ port: 9_464, host: "127.0.0.1" });
    expect(parseEnvironment({ METRICS_PORT: "9464", METRICS_HOST: "0.0.0.0" }).metrics?.host).toBe("0.0.0.0");
    for (const port of ["0", "65536", "x"]) expect(() => parseEnvironment({ METRICS_PORT: port })).toThrow(/METRICS_PORT /);
  });

  it("writes spans where it is told where to, by HTTP", () => {
    expect(parseEnvironment({}).tracing).toBe(false);
    expect(parseEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" }).tracing).toBe(true);
    expect(() => parseEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: "grpc://x:4317" })).toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT must be/);
  });

  it("keeps the console's secret apart from the customers', and takes networks alone as networks", () => {
    const [one, other] = ["a".repeat(32), "b".repeat(32)];
    expect(parseEnvironment({ AUTH_SECRET: one, ADMIN_SECRET: other }).console.secret).toBe(other);
    expect(() => parseEnvironment({ AUTH_SECRET: one, ADMIN_SECRET: one })).toThrow("ADMIN_SECRET must differ from AUTH_SECRET");
    expect(parseEnvironment({ ADMIN_ALLOW: "192.0.2.0/24, 2001:db8::1" }).console.allowedNetworks).toEqual(["192.0.2.0/24", "2001:db8::1"]);
    for (const wrong of ["192.0.2.0/33", "2001:db8::/129", "office", "192.0.2.0/24/2"]) {
      expect(() => parseEnvironment({ ADMIN_ALLOW: wrong }), wrong).toThrow("ADMIN_ALLOW must be networks");
    }
  });

  it("keeps the public address without a trailing slash", () => {
    expect(parseEnvironment({ VITRINE_URL: "https://models.example.com/" }).publicUrl).toBe("https://models.example.com");
  });

  it("refuses half a pair, and names the half that lacks", () => {
    const halves = [
      ["GITHUB_ID", "GITHUB_SECRET"],
      ["GOOGLE_SECRET", "GOOGLE_ID"],
      ["SMTP_URL", "MAIL_FROM"],
      ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"],
    ] as const;
    for (const [given, missing] of halves) {
      const value = given === "SMTP_URL" ? "smtp://mail.example.com" : "https://redis.example.com";
      expect(() => parseEnvironment({ [given]: value }), given).toThrow(`${missing} is not set, and ${given} needs it`);
    }
  });

  it("does not start in production on a database of its own without a secret for sessions", () => {
    const production = { NODE_ENV: "production", MONGODB_URI: "mongodb://db/vitrine" };
    expect(() => parseEnvironment(production)).toThrow("AUTH_SECRET is not set");
    expect(() => parseEnvironment({ ...production, AUTH_SECRET: "short" })).toThrow("AUTH_SECRET needs at least 32 characters");
    expect(parseEnvironment({ ...production, AUTH_SECRET: "s".repeat(32) }).auth.secret).toHaveLength(32);
  });

  it.each(["site", "api"])("lets no secret of the console into a process with ROLE=%s", (ROLE) => {
    const given = { ADMIN_SECRET: "a".repeat(32), ADMIN_PASSWORD: "quiet harbour lanterns", CRON_SECRET: "c".repeat(16) };
    for (const [name, secret] of Object.entries(given)) {
      const start = () => parseEnvironment({ ROLE, ADMIN_EMAIL: "owner@example.com", [name]: secret });
      expect(start).toThrow(`Configuration: ${name} is the console's alone: take it away from ROLE=${ROLE}`);
      expect(start).not.toThrow(secret);
    }
    expect(parseEnvironment({ ROLE, ADMIN_EMAIL: "owner@example.com" }).console.first).toBeNull();
  });

  it("asks a process that serves the console alone for no secret of customers' sessions", () => {
    const production = { NODE_ENV: "production", MONGODB_URI: "mongodb://db/vitrine" };
    expect(parseEnvironment({ ...production, ROLE: "admin", CRON_SECRET: "c".repeat(16) })).toMatchObject({ role: "admin", auth: { secret: null } });
    for (const ROLE of ["site", "api", "all"]) expect(() => parseEnvironment({ ...production, ROLE })).toThrow("AUTH_SECRET is not set");
    expect(parseEnvironment({}).role).toBe("all");
    expect(() => parseEnvironment({ ROLE: "console" })).toThrow("ROLE");
  });

  it("does not send mail whose links would begin with whatever a caller says our address is", () => {
    const mail = { SMTP_URL: "smtp://mail.example.com", MAIL_FROM: "hello@example.com" };
    expect(() => parseEnvironment(mail)).toThrow(/^Configuration: VITRINE_URL is not set, and SMTP_URL needs it.*$/);
    expect(parseEnvironment({ ...mail, VITRINE_URL: "https://models.example.com" }).mail).not.toBeNull();
    expect(parseEnvironment({ ...mail, VERCEL: "1" }).mail).not.toBeNull();
  });

  it("names whom customers write to: who is configured, else who sends the mail", () => {
    const mail = { SMTP_URL: "smtp://mail.example.com", MAIL_FROM: "Vitrine <hello@example.com>", VITRINE_URL: "https://models.example.com" };
    expect(parseEnvironment({}).contact).toBeNull();
    expect(parseEnvironment(mail).contact).toBe("hello@example.com");
    expect(parseEnvironment({ ...mail, CONTACT_EMAIL: "help@example.com" }).contact).toBe("help@example.com");
  });

  it("sends cookies encrypted alone where readers come by https", () => {
    const isSecure = (source: Record<string, string>) => parseEnvironment(source).auth.secureCookies;
    expect([isSecure({}), isSecure({ VITRINE_URL: "http://localhost:3000" })]).toEqual([false, false]);
    expect([isSecure({ VERCEL: "1" }), isSecure({ VITRINE_URL: "https://models.example.com" })]).toEqual([true, true]);
  });

  it("takes origins for CORS as browsers write them, and nothing else", () => {
    const origins = (text: string) => parseEnvironment({ CORS_ORIGINS: text }).corsOrigins;
    expect(origins("https://app.example.com, http://localhost:5173/")).toEqual(["https://app.example.com", "http://localhost:5173"]);
    expect(() => origins("*")).toThrow("CORS_ORIGINS");
    expect(() => origins("https://app.example.com/page")).toThrow("CORS_ORIGINS");
  });

  it("gives a preview nothing that is production's: neither its database nor its address, secrets, counters or OAuth clients", () => {
    const given = {
      NODE_ENV: "production",
      MONGODB_URI: "mongodb://db/vitrine",
      VERCEL: "1",
      VERCEL_GIT_COMMIT_REF: "new-page",
      VITRINE_URL: "http://models.example.com",
      AUTH_SECRET: "a".repeat(32),
      ADMIN_SECRET: "b".repeat(32),
      GITHUB_ID: "id",
      GITHUB_SECRET: "secret",
      REDIS_URL: "redis://counters",
    };
    const production = parseEnvironment({ ...given, VERCEL_ENV: "production" });
    expect(production).toMatchObject({ database: { name: null }, publicUrl: "http://models.example.com", redisUrl: "redis://counters" });
    const preview = parseEnvironment({ ...given, VERCEL_ENV: "preview" });
    expect(preview.database).toMatchObject({ uri: "mongodb://db/vitrine", name: "vitrine-preview-new-page" });
    expect(preview).toMatchObject({ publicUrl: null, redisUrl: null, trustedProxies: 1, console: { secret: null } });
    expect(preview.auth).toEqual({ secret: null, github: null, google: null, secureCookies: true });
  });

  it("takes nobody for a preview who only calls itself one", () => {
    expect(parseEnvironment({ VERCEL_ENV: "preview", VITRINE_URL: "https://models.example.com" })).toMatchObject({
      database: { name: null },
      publicUrl: "https://models.example.com",
    });
  });
});
