import "server-only";
import { randomBytes } from "node:crypto";
import { hashPassword } from "@/server/core/passwords";
import type { OperatorRecord } from "@/server/modules/operators/repository";

/** How long a password works that somebody was handed: by an owner, or by the first start of the service. */
export const HANDED_MS = 7 * 24 * 60 * 60 * 1000;

type PasswordFacts = Pick<OperatorRecord, "passwordHash" | "mustChangePassword" | "passwordExpiresAt">;

/** A password to hand over, and what is kept of it. */
export async function createHandedPassword(): Promise<{ password: string; kept: PasswordFacts }> {
  const password = (randomBytes(12).toString("hex").match(/.{6}/g) ?? []).join("-");
  const passwordExpiresAt = new Date(Date.now() + HANDED_MS);
  return { password, kept: { passwordHash: await hashPassword(password), mustChangePassword: true, passwordExpiresAt } };
}

/** What is kept of a password that its owner chose: it does not expire. */
export async function keepOwnPassword(password: string): Promise<PasswordFacts> {
  return { passwordHash: await hashPassword(password), mustChangePassword: false, passwordExpiresAt: null };
}

/** Until when a password works that was handed over; null for one that its owner chose. Of those from before that was kept, from when they came. */
export function endOfPassword({ mustChangePassword, passwordExpiresAt, createdAt }: OperatorRecord): Date | null {
  if (!mustChangePassword) return null;
  return passwordExpiresAt ?? new Date(createdAt.getTime() + HANDED_MS);
}

export function isPasswordOver(record: OperatorRecord): boolean {
  const end = endOfPassword(record);
  return end !== null && end.getTime() <= Date.now();
}
