import "server-only";
import type { OAuthConfig, TokenEndpointHandler } from "next-auth/providers/oauth";
import { z } from "zod";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import { Outside, OutsideAway } from "@/server/core/outside";
import { traceHeaders } from "@/server/core/trace";
import type { Vouched } from "@/server/modules/accounts/identities";

const GITHUB_API = "https://api.github.com";
/** A code can be exchanged once, so that is tried once; reading who somebody is may be repeated. */
const EXCHANGE = { attemptMs: 3_000, attempts: 1 };
const READING = { attemptMs: 1_500, attempts: 2 };
/** How long a provider that does not answer is not asked again. */
const OPEN_MS = 15_000;

const githubUser = z.object({ id: z.int(), login: z.string(), name: z.string().nullish() });
const githubEmails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));
const googleClaims = z.object({ sub: z.string(), email: z.string().optional(), email_verified: z.boolean().optional(), name: z.string().optional() });

class GithubAnswered extends Error {
  readonly response: { statusCode: number };

  constructor(statusCode: number) {
    super(`GitHub answered ${statusCode}.`);
    this.response = { statusCode };
  }
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error && "response" in error && typeof error.response === "object" && error.response !== null)) return undefined;
  return "statusCode" in error.response && typeof error.response.statusCode === "number" ? error.response.statusCode : undefined;
}

/** Whoever comes back with something made up must not shut the way for others: only silence, broken connections and 5xx count. */
export function isProviderUnwell(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return status >= 500;
  return !(error instanceof Error && error.name === "RPError" && !error.message.includes("timed out"));
}

const createWay = (target: string) => new Outside(target, { ...EXCHANGE, openMs: OPEN_MS, isUnwell: isProviderUnwell });
const ways = { github: createWay("github"), google: createWay("google") };
type Provider = keyof typeof ways;

/** Has a provider asked; where it does not answer, that is why the sign-in is refused. */
async function askProvider<Value>(
  provider: Provider,
  tell: Tell,
  work: (signal: AbortSignal) => Promise<Value>,
  terms = EXCHANGE,
): Promise<Value> {
  try {
    return await ways[provider].call(work, terms);
  } catch (error) {
    const wait = error instanceof OutsideAway ? { retryAfterSeconds: error.retryAfterSeconds } : {};
    if (isProviderUnwell(error)) tell.refused(new DomainError("sign_in_unavailable", "That service does not answer at the moment.", wait));
    throw error;
  }
}

/** What next-auth would do itself, in time and through the breaker. */
function exchange(provider: Provider, tell: Tell, method: "callback" | "oauthCallback"): NonNullable<TokenEndpointHandler["request"]> {
  return async ({ client, provider: { callbackUrl }, params, checks }) => ({
    tokens: await askProvider(provider, tell, async () => client[method](callbackUrl, params, checks)),
  });
}

async function askGithub(path: string, token: string, signal: AbortSignal): Promise<unknown> {
  const headers = { Authorization: `Bearer ${token}`, Accept: "application/vnd.github+json", "User-Agent": "vitrine", ...traceHeaders() };
  const response = await fetch(`${GITHUB_API}${path}`, { headers, signal });
  if (!response.ok) throw new GithubAnswered(response.status);
  return response.json();
}

/** What GitHub says of a person; the address on the profile is whatever they typed there, so the list of confirmed ones is asked for. */
export function readGithub(user: unknown, emails: unknown): Vouched {
  const { id, login, name } = githubUser.parse(user);
  const primary = githubEmails.parse(emails).find((entry) => entry.primary && entry.verified);
  return { provider: "github", subject: String(id), verifiedEmail: primary?.email ?? null, name: name ?? login };
}

/** What Google says of a person in a signed token. */
export function readGoogle(claims: unknown): Vouched {
  const { sub, email, email_verified: verified, name } = googleClaims.parse(claims);
  return { provider: "google", subject: sub, verifiedEmail: verified === true ? (email ?? null) : null, name: name ?? null };
}

/** Keeps what a provider said, or that it said nothing, until the sign-in is decided. */
interface Tell {
  vouched: (vouched: Vouched) => void;
  refused: (refusal: DomainError) => void;
}

function github(client: { id: string; secret: string }, tell: Tell): OAuthConfig<Record<string, unknown>> {
  return {
    id: "github",
    name: "GitHub",
    type: "oauth",
    issuer: "https://github.com/login/oauth",
    clientId: client.id,
    clientSecret: client.secret,
    checks: ["pkce", "state"],
    authorization: { url: "https://github.com/login/oauth/authorize", params: { scope: "read:user user:email" } },
    token: { url: "https://github.com/login/oauth/access_token", request: exchange("github", tell, "oauthCallback") },
    userinfo: {
      url: `${GITHUB_API}/user`,
      async request({ tokens }) {
        const token = tokens.access_token ?? "";
        const read = async (path: string) => askProvider("github", tell, async (signal) => askGithub(path, token, signal), READING);
        const [user, emails] = await Promise.all([read("/user"), read("/user/emails")]);
        const vouched = readGithub(user, emails);
        tell.vouched(vouched);
        return { sub: vouched.subject };
      },
    },
    profile: ({ sub }) => ({ id: String(sub) }),
  };
}

function google(client: { id: string; secret: string }, tell: Tell): OAuthConfig<Record<string, unknown>> {
  return {
    id: "google",
    name: "Google",
    type: "oauth",
    // As Google's discovery document has them: to begin a sign-in, nobody has to be asked.
    issuer: "https://accounts.google.com",
    jwks_endpoint: "https://www.googleapis.com/oauth2/v3/certs",
    clientId: client.id,
    clientSecret: client.secret,
    checks: ["pkce", "state"],
    idToken: true,
    authorization: { url: "https://accounts.google.com/o/oauth2/v2/auth", params: { scope: "openid email profile" } },
    token: { url: "https://oauth2.googleapis.com/token", request: exchange("google", tell, "callback") },
    profile(claims) {
      const vouched = readGoogle(claims);
      tell.vouched(vouched);
      return { id: vouched.subject };
    },
  };
}

/** The configured providers, for one request. */
export function oauthProviders(tell: Tell): OAuthConfig<Record<string, unknown>>[] {
  const { auth } = env();
  return [...(auth.github ? [github(auth.github, tell)] : []), ...(auth.google ? [google(auth.google, tell)] : [])];
}
