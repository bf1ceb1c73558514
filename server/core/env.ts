import "server-only";
import { isIP } from "node:net";
import { z } from "zod";
import { namePreviewDatabase } from "@/server/core/preview";

/** A whole number of something; 0 turns the thing off. */
const count = (fallback: number) => z.coerce.number().int().min(0).default(fallback);
const flag = z.enum(["0", "1"]).default("0").transform((value) => value === "1");

/** `192.0.2.0/24`, `2001:db8::/32`, or one address. */
function isNetwork(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && most > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

const port = z.coerce.number().int().min(1, "must be a port from 1 to 65535").max(65_535, "must be a port from 1 to 65535");

/** A list of origins as browsers write them, with commas between. */
const origins = z
  .string()
  .default("")
  .transform((text) => text.split(",").map((part) => part.trim().replace(/\/$/, "")).filter((part) => part !== ""))
  .refine((list) => list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), "must be origins like https://app.example.com");

/** A list of networks (RFC 4632, RFC 4291) or single addresses, with commas between. */
const networks = z
  .string()
  .default("")
  .transform((text) => text.split(",").map((part) => part.trim()).filter((part) => part !== ""))
  .refine((list) => list.every(isNetwork), "must be networks like 192.0.2.0/24 or 2001:db8::/32");

const variables = z.object({
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  ROLE: z.enum(["site", "api", "admin", "all"]).default("all"),
  MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\//, "must begin with mongodb:// or mongodb+srv://").optional(),
  VITRINE_DATA: z.string().min(1).default(".data"),
  VITRINE_EMBEDDED: flag,
  VITRINE_URL: z.url().optional(),
  VISITOR_CALLS_PER_MINUTE: count(60),
  VISITOR_ROWS_PER_MINUTE: count(2_000),
  AUTH_SECRET: z.string().min(32, "needs at least 32 characters").optional(),
  GITHUB_ID: z.string().optional(),
  GITHUB_SECRET: z.string().optional(),
  GOOGLE_ID: z.string().optional(),
  GOOGLE_SECRET: z.string().optional(),
  SMTP_URL: z.string().regex(/^smtps?:\/\//, "must begin with smtp:// or smtps://").optional(),
  MAIL_FROM: z.string().optional(),
  CONTACT_EMAIL: z.email().optional(),
  VITRINE_OUTBOX: flag,
  UPSTASH_REDIS_REST_URL: z.url().optional(),
  UPSTASH_REDIS_REST_TOKEN: z.string().optional(),
  REDIS_URL: z.string().regex(/^rediss?:\/\//, "must begin with redis:// or rediss://").optional(),
  CORS_ORIGINS: origins,
  ADMIN_SECRET: z.string().min(32, "needs at least 32 characters").optional(),
  ADMIN_EMAIL: z.email().optional(),
  ADMIN_PASSWORD: z.string().min(10, "needs at least 10 characters").max(200).optional(),
  ADMIN_ALLOW: networks,
  CRON_SECRET: z.string().min(16, "needs at least 16 characters").optional(),
  TRUST_PROXY: count(0),
  VERCEL: flag,
  VERCEL_ENV: z.string().optional(),
  VERCEL_GIT_COMMIT_REF: z.string().optional(),
  VITRINE_BUILD: z.string().max(80, "takes at most 80 characters").optional(),
  VERCEL_GIT_COMMIT_SHA: z.string().optional(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).optional(),
  METRICS_PORT: port.optional(),
  METRICS_HOST: z.string().default("127.0.0.1"),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: "must be an address like http://127.0.0.1:4318" }).optional(),
});

interface OauthClient {
  id: string;
  secret: string;
}

/** Everything that can be configured, grouped by feature. Nothing else reads `process.env`. */
export interface Environment {
  production: boolean;
  development: boolean;
  /** What this process serves: the pages, the customers' API, the console, or all three. */
  role: "site" | "api" | "admin" | "all";
  /** Which build runs, where whoever started the process said so. */
  build: string | null;
  /** Whether processes sleep between calls, so that nothing can be done by a timer. */
  serverless: boolean;
  database: {
    /** A MongoDB to use in place of the embedded one. */
    uri: string | null;
    /** The database of that server; null: the one its address names. */
    name: string | null;
    dataFolder: string;
    /** Run the embedded database even with NODE_ENV=production: `npm run demo` asks for it by name. */
    embeddedInProduction: boolean;
  };
  /** Where the service is reached from outside, without a trailing slash; null: as the request says. */
  publicUrl: string | null;
  visitor: { callsPerMinute: number; rowsPerMinute: number };
  auth: {
    /** What sessions are sealed with; null: one that the embedded database keeps. */
    secret: string | null;
    github: OauthClient | null;
    google: OauthClient | null;
    /** Whether cookies travel encrypted alone; browsers keep such cookies from plain `http://` pages. */
    secureCookies: boolean;
  };
  console: {
    /** What sessions of the console are sealed with; null: one that the database keeps. */
    secret: string | null;
    /** The first operator, where nobody is one yet; null: one is made with a password that is printed. */
    first: { email: string; password: string } | null;
    /** Networks that the console can be reached from; empty: all. */
    allowedNetworks: string[];
  };
  /** What a scheduler proves itself with; null: nobody can. */
  cronSecret: string | null;
  /** Where mail is handed in, and whom it is from; null: nowhere. */
  mail: { smtpUrl: string; from: string } | null;
  /** Whom customers are told to write to; null: nobody is named. */
  contact: string | null;
  /** Keep mail that cannot be sent where a reader on this machine can open it. */
  outbox: boolean;
  upstash: { url: string; token: string } | null;
  redisUrl: string | null;
  /** Whose pages may call the API with a key from a browser. */
  corsOrigins: string[];
  /** How many proxies of ours are in front: so many entries of `X-Forwarded-*`, from the end, can be believed. */
  trustedProxies: number;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** Where the figures of this process are read (bin/support/metrics.mjs); null: nowhere, so that nothing is counted for it. */
  metrics: { port: number; host: string } | null;
  /** Whether spans are written; OpenTelemetry's library reads where to. */
  tracing: boolean;
}

type Variables = z.infer<typeof variables>;
type OptionalText = { [Name in keyof Variables]-?: Variables[Name] extends string | undefined ? Name : never }[keyof Variables];

/** Variables that only mean something together. @throws {Error} naming the one that lacks */
function pair(value: Variables, first: OptionalText, second: OptionalText): readonly [string, string] | null {
  const [one, other] = [value[first], value[second]];
  if (one === undefined && other === undefined) return null;
  if (one === undefined || other === undefined) {
    const [there, missing] = one === undefined ? [second, first] : [first, second];
    throw new Error(`Configuration: ${missing} is not set, and ${there} needs it`);
  }
  return [one, other];
}

/** @throws {Error} as {@link pair} */
function readClient(value: Variables, first: "GITHUB_ID" | "GOOGLE_ID", second: "GITHUB_SECRET" | "GOOGLE_SECRET"): OauthClient | null {
  const client = pair(value, first, second);
  return client && { id: client[0], secret: client[1] };
}

/** The services of other people that this one uses where they are configured. @throws {Error} as {@link pair} */
function readServices(value: Variables): Pick<Environment, "auth" | "mail" | "contact" | "outbox" | "upstash" | "redisUrl"> {
  const smtp = pair(value, "SMTP_URL", "MAIL_FROM");
  if (smtp && value.VITRINE_URL === undefined && !value.VERCEL) {
    throw new Error("Configuration: VITRINE_URL is not set, and SMTP_URL needs it: links in mails must begin with an address of ours");
  }
  const upstash = pair(value, "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN");
  return {
    auth: {
      secret: value.AUTH_SECRET ?? null,
      github: readClient(value, "GITHUB_ID", "GITHUB_SECRET"),
      google: readClient(value, "GOOGLE_ID", "GOOGLE_SECRET"),
      secureCookies: value.VITRINE_URL?.startsWith("https://") ?? value.VERCEL,
    },
    mail: smtp && { smtpUrl: smtp[0], from: smtp[1] },
    contact: value.CONTACT_EMAIL ?? /[^\s<>]+@[^\s<>]+/.exec(smtp?.[1] ?? "")?.[0] ?? null,
    outbox: value.VITRINE_OUTBOX,
    upstash: upstash && { url: upstash[0], token: upstash[1] },
    redisUrl: value.REDIS_URL ?? null,
  };
}

/** What proves somebody to the console; a process that customers reach could only lose it. */
const CONSOLE_SECRETS = ["ADMIN_SECRET", "ADMIN_PASSWORD", "CRON_SECRET"] as const;

/** @throws {Error} naming a secret that this process was given and has no use for, or one that it lacks */
function assertOwnSecrets(value: Variables, preview: boolean): void {
  const isCustomers = value.ROLE === "site" || value.ROLE === "api";
  const foreign = isCustomers ? CONSOLE_SECRETS.find((name) => value[name] !== undefined) : undefined;
  if (foreign) throw new Error(`Configuration: ${foreign} is the console's alone: take it away from ROLE=${value.ROLE}`);
  if (value.NODE_ENV !== "production" || value.MONGODB_URI === undefined || value.ROLE === "admin" || preview) return;
  if (value.AUTH_SECRET === undefined) {
    throw new Error("Configuration: AUTH_SECRET is not set; sessions need 32 characters that nobody can guess");
  }
}

/** @throws {Error} as {@link pair}; when the console would share the customers' secret */
function readConsole(value: Variables): Environment["console"] {
  if (value.ADMIN_SECRET !== undefined && value.ADMIN_SECRET === value.AUTH_SECRET) {
    throw new Error("Configuration: ADMIN_SECRET must differ from AUTH_SECRET, which seals the sessions of customers");
  }
  const isConsole = value.ROLE === "all" || value.ROLE === "admin";
  const first = isConsole ? pair(value, "ADMIN_EMAIL", "ADMIN_PASSWORD") : null;
  return {
    secret: value.ADMIN_SECRET ?? null,
    first: first && { email: first[0], password: first[1] },
    allowedNetworks: value.ADMIN_ALLOW,
  };
}

/**
 * What a preview does not take over, though most are given all that production is: its address, its secrets and its counters belong to
 * production, and OAuth providers call back to registered addresses alone, of which a preview has none. Secrets and counters then lie in
 * the preview's own database, and its address is what each call says.
 */
const OF_PRODUCTION = new Set([
  "VITRINE_URL",
  "AUTH_SECRET",
  "ADMIN_SECRET",
  "GITHUB_ID",
  "GITHUB_SECRET",
  "GOOGLE_ID",
  "GOOGLE_SECRET",
  "UPSTASH_REDIS_REST_URL",
  "UPSTASH_REDIS_REST_TOKEN",
  "REDIS_URL",
]);

const isPreview = (source: Record<string, string | undefined>) => source["VERCEL"] === "1" && source["VERCEL_ENV"] === "preview";

/**
 * Parses the variables of one process; an empty one counts as not set.
 * @throws {Error} one line that names every wrong variable and what is wrong with it, never its value
 */
export function parseEnvironment(source: Record<string, string | undefined>): Environment {
  const preview = isPreview(source);
  const given = Object.entries(source).filter(([name, value]) => value !== "" && !(preview && OF_PRODUCTION.has(name)));
  const parsed = variables.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(`Configuration: ${lines.join("; ")}`);
  }
  const value = parsed.data;
  assertOwnSecrets(value, preview);
  return {
    production: value.NODE_ENV === "production",
    development: value.NODE_ENV === "development",
    role: value.ROLE,
    build: value.VITRINE_BUILD ?? value.VERCEL_GIT_COMMIT_SHA?.slice(0, 12) ?? null,
    serverless: value.VERCEL,
    database: {
      uri: value.MONGODB_URI ?? null,
      name: preview ? namePreviewDatabase(value.VERCEL_GIT_COMMIT_REF ?? "") : null,
      dataFolder: value.VITRINE_DATA,
      embeddedInProduction: value.VITRINE_EMBEDDED,
    },
    publicUrl: value.VITRINE_URL?.replace(/\/+$/, "") ?? null,
    visitor: { callsPerMinute: value.VISITOR_CALLS_PER_MINUTE, rowsPerMinute: value.VISITOR_ROWS_PER_MINUTE },
    ...readServices(value),
    corsOrigins: value.CORS_ORIGINS,
    console: readConsole(value),
    cronSecret: value.CRON_SECRET ?? null,
    trustedProxies: value.TRUST_PROXY || Number(value.VERCEL),
    logLevel: value.LOG_LEVEL ?? (value.NODE_ENV === "test" ? "silent" : "info"),
    metrics: value.METRICS_PORT === undefined ? null : { port: value.METRICS_PORT, host: value.METRICS_HOST },
    tracing: value.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
  };
}

let environment: Environment | undefined;

/** The environment of this process, parsed on first use. @throws {Error} as {@link parseEnvironment} */
export function env(): Environment {
  environment ??= parseEnvironment(process.env);
  return environment;
}

/**
 * next-auth asks the process's own variables where it is reached. Afterwards it believes the `x-forwarded-host` and
 * `x-forwarded-proto` it is handed and nothing else; our door writes both itself, from {@link Environment.publicUrl}.
 */
export function tellAuthWhoKnowsTheOrigin(): void {
  delete process.env.NEXTAUTH_URL;
  if (!process.env.VERCEL) delete process.env.VERCEL;
  process.env.AUTH_TRUST_HOST = "1";
}

/** The inference engine reports to its makers and writes files of its own about that, unless it is told not to before it is loaded. */
export function silenceInferenceEngine(): void {
  process.env.ORT_DISABLE_TELEMETRY = "1";
}
