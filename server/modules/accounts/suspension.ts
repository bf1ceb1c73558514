import "server-only";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import type { AccountRecord } from "@/server/modules/accounts/repository";

/** What the holder of a suspended account is told; nobody is who has not proved to be that. */
export function describeSuspension(): string {
  return `This account is suspended. Write to ${env().contact ?? "whoever runs this service"} if you think that is a mistake.`;
}

/** A key, a password or a provider was right, and the account is suspended. */
export class AccountSuspended extends DomainError {
  constructor() {
    super("forbidden", describeSuspension());
  }
}

/** @throws {AccountSuspended} */
export function assertNotSuspended({ suspendedAt }: Pick<AccountRecord, "suspendedAt">): void {
  if (suspendedAt) throw new AccountSuspended();
}
