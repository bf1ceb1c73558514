import "server-only";
import type { AuthOptions, CookieOption } from "next-auth";
import { z } from "zod";
import { emailAddress, givenPassword } from "@/lib/contracts/account";
import { codeInput } from "@/lib/contracts/operators.admin";
import { env } from "@/server/core/env";
import { DomainError, toDomainError } from "@/server/core/errors";
import { log } from "@/server/core/log";
import { readConsoleSecret } from "@/server/core/secrets";
import { beginSession, consoleCookieName, LONGEST_MS } from "@/server/modules/operators/sessions";
import { checkFirstStep, checkSecondStep } from "@/server/modules/operators/sign-in";

/** What one sign-in finds out on its way through next-auth, which hands codes around and drops the rest. */
export interface SignInState {
  /** A name for the caller's network address. */
  subject: string;
  /** Who made the first step before, where this is the second one. */
  pending: string | null;
  operatorId: string | null;
  /** The password was right, and a code is owed. */
  owesCode: boolean;
  refusal: DomainError | null;
}

const firstStep = z.object({ email: emailAddress, password: givenPassword });

function cookie(name: Parameters<typeof consoleCookieName>[0]): CookieOption {
  return { name: consoleCookieName(name), options: { httpOnly: true, sameSite: "strict", path: "/admin", secure: env().auth.secureCookies } };
}

async function takeFirstStep(state: SignInState, given: unknown): Promise<string> {
  const parsed = firstStep.safeParse(given);
  if (!parsed.success) throw new DomainError("sign_in_refused", "The email address or the password is wrong.");
  const { operatorId, owesCode } = await checkFirstStep(parsed.data.email, parsed.data.password, state.subject);
  state.operatorId = operatorId;
  state.owesCode = owesCode;
  return operatorId;
}

async function takeSecondStep(state: SignInState, given: unknown): Promise<string> {
  const parsed = codeInput.safeParse({ code: typeof given === "object" && given !== null && "code" in given ? given.code : "" });
  if (state.pending === null) throw new DomainError("sign_in_refused", "The first step is too old: sign in again.");
  if (!parsed.success) throw new DomainError("code_refused", "Type the six digits of your authenticator, or a recovery code.");
  await checkSecondStep(state.pending, parsed.data.code, state.subject);
  state.operatorId = state.pending;
  return state.pending;
}

type Step = (state: SignInState, given: unknown) => Promise<string>;

/** Runs a step and keeps how it ended. @throws {Error} with the refusal's code, which is all that next-auth passes on */
async function record(state: SignInState, step: Step, given: unknown): Promise<{ id: string } | null> {
  try {
    const id = await step(state, given);
    // Without a session for now: the second step makes it.
    return state.owesCode ? null : { id };
  } catch (error) {
    state.refusal = toDomainError(error);
    throw new Error(state.refusal.code, { cause: error });
  }
}

/** next-auth for operators, for one request: a secret, cookies and sessions of its own, at `/admin` alone. */
export async function consoleAuthOptions(state: SignInState): Promise<AuthOptions> {
  const provider = (id: string, fields: Record<string, object>, step: Step): AuthOptions["providers"][number] => ({
    id,
    name: id,
    type: "credentials",
    credentials: fields,
    authorize: async (given) => record(state, step, given),
  });
  return {
    secret: await readConsoleSecret(),
    useSecureCookies: env().auth.secureCookies,
    cookies: { sessionToken: cookie("session"), csrfToken: cookie("csrf"), callbackUrl: cookie("callback") },
    pages: { signIn: "/admin/sign-in", error: "/admin/sign-in" },
    session: { strategy: "jwt", maxAge: LONGEST_MS / 1000 },
    jwt: {
      encode: async () => (state.operatorId !== null && !state.owesCode ? beginSession(state.operatorId) : ""),
      decode: async () => null,
    },
    providers: [provider("password", { email: {}, password: {} }, takeFirstStep), provider("code", { code: {} }, takeSecondStep)],
    logger: {
      error: (code) => log("info", "console_auth", { code }),
      warn: (code) => log("debug", "console_auth", { code }),
      debug: () => undefined,
    },
  };
}
