import "server-only";
import { type Address, answer, answerAsked } from "@/server/core/answer";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import type { Answer, Asked } from "@/server/core/exchange";

/** What a process can serve: the pages, the customers' API, the console. */
export type Part = "site" | "api" | "admin";

/** Whether this process serves a part of the product; with ROLE=all it serves every one. */
export function serves(part: Part): boolean {
  const { role } = env();
  return role === "all" || role === part;
}

/**
 * To be asked at every door, however the path was spelled that led to it.
 * @param parts one of them is enough
 * @throws {DomainError} `not_found`: what another process serves is not here
 */
export function assertServed(...parts: Part[]): void {
  if (!parts.some(serves)) throw new DomainError("not_found", "There is nothing at this address.");
}

const ELSEWHERE: Address = { surface: "api", route: "{elsewhere}", probe: true };

async function refuse(): Promise<never> {
  throw new DomainError("not_found", "There is nothing at this address.");
}

/** The answer of a door that another process serves; nothing is read, and nothing is recorded. */
export async function answerNowhere(request: Request): Promise<Response> {
  return answer(request, refuse, ELSEWHERE);
}

/** The same, in our own form. */
export async function answerAskedNowhere(asked: Asked): Promise<Answer> {
  return answerAsked(asked, refuse, ELSEWHERE);
}
