import "server-only";
import { z } from "zod";

/** A whole number of something; 0 turns the thing off. */
const count = (fallback: number) => z.coerce.number().int().min(0).default(fallback);
const flag = z.enum(["0", "1"]).default("0").transform((value) => value === "1");

const variables = z.object({
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\//, "must begin with mongodb:// or mongodb+srv://").optional(),
  VITRINE_DATA: z.string().min(1).default(".data"),
  VITRINE_EMBEDDED: flag,
  VITRINE_URL: z.url().optional(),
  VISITOR_CALLS_PER_MINUTE: count(60),
  VISITOR_ROWS_PER_MINUTE: count(2_000),
  TRUST_PROXY: flag,
  VERCEL: flag,
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

/** Everything that can be configured, grouped by feature. Nothing else reads `process.env`. */
export interface Environment {
  production: boolean;
  database: {
    /** A MongoDB to use in place of the embedded one. */
    uri: string | null;
    dataFolder: string;
    /** Run the embedded database even with NODE_ENV=production: `npm run demo` asks for it by name. */
    embeddedInProduction: boolean;
  };
  /** Where the service is reached from outside, without a trailing slash; null: as the request says. */
  publicUrl: string | null;
  visitor: { callsPerMinute: number; rowsPerMinute: number };
  /** Whether `X-Forwarded-*` was written by a proxy of ours. */
  trustProxy: boolean;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
}

/**
 * Parses the variables of one process; an empty one counts as not set.
 * @throws {Error} one line that names every wrong variable and what is wrong with it, never its value
 */
export function parseEnvironment(source: Record<string, string | undefined>): Environment {
  const parsed = variables.safeParse(Object.fromEntries(Object.entries(source).filter(([, value]) => value !== "")));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(`Configuration: ${lines.join("; ")}`);
  }
  const value = parsed.data;
  return {
    production: value.NODE_ENV === "production",
    database: { uri: value.MONGODB_URI ?? null, dataFolder: value.VITRINE_DATA, embeddedInProduction: value.VITRINE_EMBEDDED },
    publicUrl: value.VITRINE_URL?.replace(/\/+$/, "") ?? null,
    visitor: { callsPerMinute: value.VISITOR_CALLS_PER_MINUTE, rowsPerMinute: value.VISITOR_ROWS_PER_MINUTE },
    trustProxy: value.TRUST_PROXY || value.VERCEL,
    logLevel: value.LOG_LEVEL,
  };
}

let environment: Environment | undefined;

/** The environment of this process, parsed on first use. @throws {Error} as {@link parseEnvironment} */
export function env(): Environment {
  environment ??= parseEnvironment(process.env);
  return environment;
}
