import "server-only";
import packageFile from "@/package.json";
import type { EnvironmentGroup, EnvironmentReport } from "@/lib/contracts/operations.admin";
import { formatNumber } from "@/lib/format";
import { type Environment, env } from "@/server/core/env";
import { readServerVersion } from "@/server/modules/operations/repository";

type Group = Omit<EnvironmentGroup, "name">;

const on = (detail: string): Group => ({ state: "on", detail });
const off = (detail: string): Group => ({ state: "off", detail });
const warn = (detail: string): Group => ({ state: "warn", detail });

function describeDatabase({ database, production }: Environment, version: string | null): Group {
  const words = version === null ? "" : ` ${version}`;
  if (database.uri !== null) return on(`MongoDB${words}`);
  return (production ? warn : on)(`The embedded database${words}, for one machine`);
}

function describeMail({ mail, outbox }: Environment): Group {
  if (mail) return on("By SMTP");
  return outbox ? warn("Kept in the outbox, sent to nobody") : off("Not configured");
}

function describeCounters({ upstash, redisUrl }: Environment): Group {
  if (upstash) return on("Upstash Redis");
  return redisUrl === null ? off("In the database") : on("Redis");
}

function describeProviders({ auth }: Environment): Group {
  const names = [auth.github && "GitHub", auth.google && "Google"].filter((name) => name !== null);
  return names.length === 0 ? off("Email and password alone") : on(names.join(", "));
}

function describeVisitors({ visitor: { callsPerMinute, rowsPerMinute } }: Environment): Group {
  const say = (limit: number, what: string) => (limit === 0 ? `No limit of ${what}` : `${formatNumber(limit)} ${what} a minute`);
  const words = `${say(callsPerMinute, "calls")}, ${say(rowsPerMinute, "rows").toLowerCase()}`;
  return callsPerMinute === 0 || rowsPerMinute === 0 ? warn(words) : on(words);
}

const count = (number: number, one: string) => `${formatNumber(number)} ${one}${number === 1 ? "" : "s"}`;

function describeNetworks({ console: { allowedNetworks } }: Environment): Group {
  return allowedNetworks.length === 0 ? off("Open to every network") : on(`Open to ${count(allowedNetworks.length, "network")}`);
}

function describeScheduler({ cronSecret, serverless }: Environment): Group {
  if (cronSecret === null) return warn("Nobody can start the jobs: CRON_SECRET is not set");
  return on(serverless ? "The platform's cron" : "This service itself");
}

const kept = (secret: string | null): Group => (secret === null ? off("Kept in the database") : on("Configured"));

function describeGroups(environment: Environment, version: string | null): EnvironmentGroup[] {
  const { auth, console: door, corsOrigins, publicUrl, trustedProxies } = environment;
  const groups: Record<string, Group> = {
    Database: describeDatabase(environment, version),
    "Public address": publicUrl === null ? off("As each call says") : on(publicUrl),
    Mail: describeMail(environment),
    "Limits of a minute": describeCounters(environment),
    "Visitors without a key": describeVisitors(environment),
    "Secret of customers' sessions": environment.role === "admin" ? off("Not told to the console's processes") : kept(auth.secret),
    "Secret of the console's sessions": kept(door.secret),
    "Cookies over HTTPS alone": auth.secureCookies ? on("Yes") : off("No"),
    "Sign-in of customers": describeProviders(environment),
    "Networks of the console": describeNetworks(environment),
    "Pages of others that may call": corsOrigins.length === 0 ? off("None") : on(count(corsOrigins.length, "origin")),
    "Proxies in front": trustedProxies === 0 ? off("None is believed") : on(count(trustedProxies, "proxy").replace("proxys", "proxies")),
    Scheduler: describeScheduler(environment),
  };
  return Object.entries(groups).map(([name, group]) => ({ name, ...group }));
}

type Fault =
  | ("embedded" | "jobs" | "sessions" | "console" | "first" | "cookies")
  | ("networks" | "mail" | "outbox" | "address" | "counters" | "visitors");

/** What each thing that can be wrong asks for, most pressing first. */
const advice: Record<Fault, string> = {
  embedded: "The embedded database serves one machine and has no replica: set MONGODB_URI for more than a demonstration.",
  jobs: "Jobs do not run, so alerts are not looked at: set CRON_SECRET and have a scheduler call /admin/jobs/upkeep every minute.",
  sessions: "AUTH_SECRET is kept in the database: whoever can read that can sign in as any customer.",
  console: "ADMIN_SECRET is kept in the database: whoever can read that can sign in to the console.",
  first: "ADMIN_PASSWORD still stands in the environment: it is of use only until the first operator is there. Take it out.",
  cookies: "Cookies travel over plain HTTP: set VITRINE_URL to an address that begins with https://.",
  networks: "The console answers every network: ADMIN_ALLOW narrows that.",
  mail: "Mail is not configured: nobody can sign up by mail, and alerts are shown here alone. Set SMTP_URL and MAIL_FROM.",
  outbox: "Mail is kept in the outbox and reaches nobody: set SMTP_URL and MAIL_FROM.",
  address: "VITRINE_URL is not set: links and copied code begin with whatever address the caller used.",
  counters: "Limits of a minute are counted in the database; a Redis nearby is quicker.",
  visitors: "Visitors without a key may call without a limit.",
};

/** What an operator of this installation should do. */
function findWarnings(environment: Environment): string[] {
  const { auth, console: door, database, mail, outbox, production, publicUrl, serverless, upstash, redisUrl, visitor } = environment;
  const wrong: Record<string, boolean> & Record<Fault, boolean> = {
    embedded: production && database.uri === null,
    jobs: environment.cronSecret === null,
    sessions: auth.secret === null && environment.role !== "admin",
    console: door.secret === null,
    first: door.first !== null,
    cookies: production && !auth.secureCookies,
    networks: production && door.allowedNetworks.length === 0,
    mail: !mail && !outbox,
    outbox: production && !mail && outbox,
    address: production && publicUrl === null && !serverless,
    counters: serverless && upstash === null && redisUrl === null,
    visitors: visitor.callsPerMinute === 0 || visitor.rowsPerMinute === 0,
  };
  return Object.entries(advice).filter(([name]) => wrong[name]).map(([, words]) => words);
}

function modeOf({ production, development }: Environment): EnvironmentReport["mode"] {
  if (production) return "production";
  return development ? "development" : "test";
}

/** What this process runs and what is configured, without anything that opens a door. */
export async function readEnvironment(): Promise<EnvironmentReport> {
  const environment = env();
  const version = await readServerVersion();
  return {
    version: packageFile.version,
    build: environment.build,
    node: process.version,
    mode: modeOf(environment),
    groups: describeGroups(environment, version),
    warnings: findWarnings(environment),
  };
}
