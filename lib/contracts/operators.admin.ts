/** Operators: who is of the team, what they may do, and how they prove who they are. */
import { z } from "zod";
import { emailAddress, givenPassword, newPassword, personName } from "@/lib/contracts/account";

export const role = z.enum(["viewer", "operator", "owner"]);

/** Whoever is signed in, as the console shows it to them. */
export const me = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role,
  /** Whether sign-in asks for a code of an authenticator as well. */
  two_factor: z.boolean(),
  recovery_codes_left: z.int(),
  must_change_password: z.boolean(),
  session: z.object({ started_at: z.iso.datetime(), ends_at: z.iso.datetime(), idle_minutes: z.int() }),
});

export const operatorRow = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role,
  /** `invited`: has a password that was handed over; `expired`: one that works no more. */
  status: z.enum(["active", "invited", "expired", "disabled"]),
  /** Until when a password works that was handed over; null: they chose their own. */
  password_expires_at: z.iso.datetime().nullable(),
  two_factor: z.boolean(),
  created_at: z.iso.datetime(),
  last_sign_in_at: z.iso.datetime().nullable(),
  sessions: z.int(),
});
export const operatorList = z.object({ items: z.array(operatorRow) });

/** A new operator, or an old one with a new way in: the password works once and must be changed. */
export const oneTimePassword = z.object({ operator: operatorRow, password: z.string() });

export const addOperatorInput = z.strictObject({ email: emailAddress, name: personName, role });
export const changeOperatorInput = z
  .strictObject({
    id: z.string().min(1).max(60),
    name: personName.optional(),
    role: role.optional(),
    /** The role that was seen when the change was begun; where somebody else has changed it since, this is refused (`conflict`). */
    seen_role: role.optional(),
    enabled: z.boolean().optional(),
  })
  .refine(({ name, role, enabled }) => name !== undefined || role !== undefined || enabled !== undefined, "names nothing to change");
export const operatorIdInput = z.strictObject({ id: z.string().min(1).max(60) });
export const renameSelfInput = z.strictObject({ name: personName });
export const confirmPasswordInput = z.strictObject({ password: givenPassword });
export const changeOwnPasswordInput = z.strictObject({ current: givenPassword, password: newPassword });
/** Six digits (RFC 6238), or one of the recovery codes. */
export const codeInput = z.strictObject({ code: z.string().trim().min(6).max(40) });

/** What an authenticator is set up with; nothing changes before a first code came back. */
export const twoFactorSetup = z.object({ secret: z.string(), uri: z.string(), qr_svg: z.string() });
export const recoveryCodes = z.object({ codes: z.array(z.string()) });

export type Role = z.infer<typeof role>;
export type Me = z.infer<typeof me>;
export type OperatorRow = z.infer<typeof operatorRow>;
export type OneTimePassword = z.infer<typeof oneTimePassword>;
export type TwoFactorSetup = z.infer<typeof twoFactorSetup>;
