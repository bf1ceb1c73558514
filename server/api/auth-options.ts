import "server-only";
import type { AuthOptions, CookieOption } from "next-auth";
import { z } from "zod";
import { emailAddress, givenPassword } from "@/lib/contracts/account";
import { ownPath } from "@/lib/own-path";
import { oauthProviders } from "@/server/api/auth-providers";
import { env } from "@/server/core/env";
import { DomainError, toDomainError } from "@/server/core/errors";
import { log } from "@/server/core/log";
import { readSessionSecret } from "@/server/core/secrets";
import { signInWithIdentity, type Vouched } from "@/server/modules/accounts/identities";
import { sealSession, SESSION_SECONDS, sessionCookieName } from "@/server/modules/accounts/session";
import { signIn, type SignedIn } from "@/server/modules/accounts/sign-in";

/** What one request finds out on its way through next-auth, which hands codes around and drops the rest. */
export interface AuthState {
  /** A name for the caller's network address. */
  address: string;
  signedIn: SignedIn | null;
  vouched: Vouched | null;
  refusal: DomainError | null;
}

const credentials = z.object({ email: emailAddress, password: givenPassword });
const CHECK_SECONDS = 15 * 60;

/** All names are ours, so that the console's next-auth, whose names begin with `console.`, never reads one of these. */
export function cookieNames(): Record<keyof NonNullable<AuthOptions["cookies"]>, string> {
  const prefix = env().auth.secureCookies ? "__Host-" : "";
  return {
    sessionToken: sessionCookieName(),
    csrfToken: `${prefix}vitrine.csrf`,
    callbackUrl: `${prefix}vitrine.callback`,
    pkceCodeVerifier: `${prefix}vitrine.pkce`,
    state: `${prefix}vitrine.state`,
    nonce: `${prefix}vitrine.nonce`,
  };
}

function cookie(name: string, maxAge?: number): CookieOption {
  const options = { httpOnly: true, sameSite: "lax", path: "/", secure: env().auth.secureCookies };
  return { name, options: { ...options, ...(maxAge !== undefined && { maxAge }) } };
}

function cookies(): NonNullable<AuthOptions["cookies"]> {
  const names = cookieNames();
  return {
    sessionToken: cookie(names.sessionToken),
    csrfToken: cookie(names.csrfToken),
    callbackUrl: cookie(names.callbackUrl),
    pkceCodeVerifier: cookie(names.pkceCodeVerifier, CHECK_SECONDS),
    state: cookie(names.state, CHECK_SECONDS),
    nonce: cookie(names.nonce, CHECK_SECONDS),
  };
}

/** Runs a sign-in and keeps how it ended. @throws {Error} with the refusal's code, which is all that next-auth passes on */
async function record(state: AuthState, work: () => Promise<SignedIn>): Promise<SignedIn> {
  try {
    state.signedIn = await work();
    return state.signedIn;
  } catch (error) {
    state.refusal = toDomainError(error);
    throw new Error(state.refusal.code, { cause: error });
  }
}

async function checkCredentials(state: AuthState, given: unknown): Promise<SignedIn> {
  const parsed = credentials.safeParse(given);
  if (!parsed.success) throw new DomainError("sign_in_refused", "The email address or the password is wrong.");
  return signIn({ ...parsed.data, address: state.address });
}

async function checkVouched({ vouched, address }: AuthState): Promise<SignedIn> {
  if (!vouched) throw new DomainError("sign_in_refused", "The provider did not say who you are.");
  return signInWithIdentity(vouched, address);
}

/** The same address if it is one of ours, else our front page: nobody is sent elsewhere from here. */
export function keepOnOrigin(url: string, origin: string): string {
  if (!URL.canParse(url, origin) || new URL(url, origin).origin !== origin) return origin;
  const { pathname, search, hash } = new URL(url, origin);
  return `${origin}${ownPath(`${pathname}${search}${hash}`, "/")}`;
}

function describeSession({ signedIn }: AuthState, expires: string) {
  return { customer: { id: signedIn?.customerId }, expires };
}

/** next-auth for customers, for one request: what it seals and opens is what `state` says, checked by the room of accounts. */
export async function authOptions(state: AuthState): Promise<AuthOptions> {
  return {
    secret: await readSessionSecret(),
    useSecureCookies: env().auth.secureCookies,
    cookies: cookies(),
    pages: { signIn: "/sign-in", error: "/sign-in" },
    session: { strategy: "jwt", maxAge: SESSION_SECONDS },
    jwt: {
      encode: async () => (state.signedIn ? sealSession(state.signedIn) : ""),
      decode: async () => (state.signedIn ? { sub: state.signedIn.customerId } : null),
    },
    providers: [
      {
        id: "credentials",
        name: "Email",
        type: "credentials",
        credentials: { email: {}, password: {} },
        authorize: async (given) => ({ id: (await record(state, () => checkCredentials(state, given))).customerId }),
      },
      ...oauthProviders({
        vouched: (vouched) => void (state.vouched = vouched),
        refused: (refusal) => void (state.refusal = refusal),
      }),
    ],
    callbacks: {
      signIn: async ({ account }) => {
        if (account?.type === "oauth") await record(state, () => checkVouched(state));
        return state.signedIn !== null;
      },
      redirect: ({ url, baseUrl }) => keepOnOrigin(url, baseUrl),
      jwt: ({ token }) => token,
      session: ({ session }) => describeSession(state, session.expires),
    },
    logger: {
      error: (code) => log("info", "auth", { code }),
      warn: (code) => log("debug", "auth", { code }),
      debug: () => undefined,
    },
  };
}
