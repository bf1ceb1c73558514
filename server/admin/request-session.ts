import "server-only";
import type { Role } from "@/lib/contracts/operators.admin";
import { assertAllowedAddress } from "@/server/admin/network";
import { readConsoleCookie } from "@/server/admin/own-page";
import { DomainError } from "@/server/core/errors";
import { findAddress } from "@/server/core/forwarded";
import { assertRole } from "@/server/core/operator.admin";
import { type OperatorSession, resolveOperatorSession } from "@/server/modules/operators/sessions";

/**
 * Whose session a request outside of pages and procedures carries.
 * @param role what it takes at least
 * @throws {DomainError} `not_found`, `console_session_needed`, `password_change_needed`, `forbidden`
 */
export async function requireSessionOf(request: Request, role: Role): Promise<OperatorSession> {
  assertAllowedAddress(findAddress(request.headers));
  const token = readConsoleCookie(request, "session");
  const session = token === null ? null : await resolveOperatorSession(token);
  if (!session) throw new DomainError("console_session_needed", "Sign in to the console.");
  if (session.mustChangePassword) throw new DomainError("password_change_needed", "Choose a password of your own first.");
  assertRole(session.operator, role);
  return session;
}
