import "server-only";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { z } from "zod";
import { env } from "@/server/core/env";
import { traceHeaders } from "@/server/core/trace";
import type { Vouched } from "@/server/modules/accounts/identities";

const GITHUB_API = "https://api.github.com";
const PATIENCE_MS = 5_000;

const githubUser = z.object({ id: z.int(), login: z.string(), name: z.string().nullish() });
const githubEmails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));
const googleClaims = z.object({ sub: z.string(), email: z.string().optional(), email_verified: z.boolean().optional(), name: z.string().optional() });

async function askGithub(path: string, token: string): Promise<unknown> {
  const headers = { Authorization: `Bearer ${token}`, Accept: "application/vnd.github+json", "User-Agent": "vitrine", ...traceHeaders() };
  const response = await fetch(`${GITHUB_API}${path}`, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(`GitHub answered ${response.status}.`);
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

/** Keeps what a provider said until the sign-in is decided. */
type Tell = (vouched: Vouched) => void;

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
    token: { url: "https://github.com/login/oauth/access_token" },
    userinfo: {
      url: `${GITHUB_API}/user`,
      async request({ tokens }) {
        const token = tokens.access_token ?? "";
        const [user, emails] = await Promise.all([askGithub("/user", token), askGithub("/user/emails", token)]);
        const vouched = readGithub(user, emails);
        tell(vouched);
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
    wellKnown: "https://accounts.google.com/.well-known/openid-configuration",
    clientId: client.id,
    clientSecret: client.secret,
    checks: ["pkce", "state"],
    idToken: true,
    authorization: { params: { scope: "openid email profile" } },
    profile(claims) {
      const vouched = readGoogle(claims);
      tell(vouched);
      return { id: vouched.subject };
    },
  };
}

/** The configured providers, for one request. */
export function oauthProviders(tell: Tell): OAuthConfig<Record<string, unknown>>[] {
  const { auth } = env();
  return [...(auth.github ? [github(auth.github, tell)] : []), ...(auth.google ? [google(auth.google, tell)] : [])];
}
