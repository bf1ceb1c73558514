import "server-only";
import type { Role } from "@/lib/contracts/operators.admin";
import { DomainError } from "@/server/core/errors";

const ranks: Record<Role, number> = { viewer: 0, operator: 1, owner: 2 };

/** Whether a role may do what asks for another one: viewers look, operators run models and help customers, owners decide who is one. */
export function isAtLeast(role: Role, wanted: Role): boolean {
  return ranks[role] >= ranks[wanted];
}

/** Somebody of the team, signed in to the console. */
export interface Operator {
  /** `opr_…` */
  id: string;
  email: string;
  name: string;
  role: Role;
}

/** @throws {DomainError} `forbidden`, where the operator's role is not enough */
export function assertRole({ role }: Operator, wanted: Role): void {
  if (!isAtLeast(role, wanted)) throw new DomainError("forbidden", `This takes the role ${wanted}; yours is ${role}.`);
}

/** Facts for the audit: plain JSON, without secrets and without customers' inputs. */
export type Facts = Record<string, unknown> | null;

/** What an act of an operator did: how it was before, how it is now, and what the caller is told. */
export interface Changed<Result> {
  before: Facts;
  after: Facts;
  result: Result;
}
