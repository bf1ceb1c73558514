/** An account: who a customer is, what the plan allows, and every step from the first mail to the last. */
import { z } from "zod";
import { planNames } from "@/lib/plans";

/** RFC 5321 section 4.5.3.1 bounds an address to 254 characters. */
export const emailAddress = z.string().trim().max(254).pipe(z.email("is not an email address"));
/** Length over composition (NIST SP 800-63B section 5.1.1.2). The upper bound keeps hashing cheap. */
export const MIN_PASSWORD_LENGTH = 10;
export const newPassword = z
  .string()
  .min(MIN_PASSWORD_LENGTH, `needs at least ${MIN_PASSWORD_LENGTH} characters`)
  .max(200, "takes at most 200 characters");
export const givenPassword = z.string().min(1, "is missing").max(200, "takes at most 200 characters");
export const personName = z
  .string()
  .trim()
  .min(1, "is missing")
  .max(80, "takes at most 80 characters")
  .regex(/^[^\p{Cc}<>]*$/u, "takes no control characters, < or >");
/** What stands in a mailed link: 32 random bytes in base64url. */
export const linkToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "is not complete");

export const planLimits = z.object({
  rows_per_minute: z.int(),
  rows_per_month: z.int(),
  rows_per_call: z.int(),
  retention_days: z.int(),
});

export const account = z.object({
  object: z.literal("account"),
  id: z.string(),
  email: z.string(),
  name: z.string(),
  plan: z.enum(planNames),
  limits: planLimits,
  /** Whether it can be signed in to with a password; an account of GitHub or Google may have none. */
  has_password: z.boolean(),
  /** `github`, `google`: who else vouches for this customer. */
  identities: z.array(z.enum(["github", "google"])),
  created_at: z.iso.datetime(),
  last_sign_in_at: z.iso.datetime().nullable(),
});

/** One sign-in to an account, or an attempt that was refused. */
export const signInEntry = z.object({
  at: z.iso.datetime(),
  how: z.enum(["password", "github", "google"]),
  outcome: z.enum(["done", "wrong_password", "suspended"]),
  /** Tells networks apart without naming them. */
  network: z.string(),
});

/** What is said whatever happened, so that nobody learns who has an account. */
export const mailSent = z.object({ sent: z.literal(true) });
export const done = z.object({ done: z.literal(true) });

export const signUpInput = z.strictObject({ name: personName, email: emailAddress, password: newPassword });
/** The password typed at sign-up again: the link alone would also confirm a sign-up that somebody else made for this address. */
export const confirmInput = z.strictObject({ token: linkToken, password: givenPassword });
export const confirmed = z.object({ email: z.string() });
export const requestResetInput = z.strictObject({ email: emailAddress });
export const resetPasswordInput = z.strictObject({ token: linkToken, password: newPassword });
export const updateAccountInput = z.strictObject({ name: personName });
export const changePasswordInput = z.strictObject({ current: givenPassword.optional(), password: newPassword });
/** The address is typed again, so that nobody deletes an account by a slip; the password where there is one. */
export const deleteAccountInput = z.strictObject({ email: emailAddress, password: givenPassword.optional() });

/** One mail of the outbox: what would have been sent where no mail server is configured. */
export const outboxMail = z.object({ id: z.string(), to: z.string(), subject: z.string(), text: z.string(), created_at: z.iso.datetime() });

export type Account = z.infer<typeof account>;
export type SignInEntry = z.infer<typeof signInEntry>;
export type OutboxMail = z.infer<typeof outboxMail>;
