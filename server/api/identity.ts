import "server-only";
import { readSessionCookie } from "@/server/api/own-page";
import { keepUp } from "@/server/api/upkeep";
import type { Asked } from "@/server/core/exchange";
import { describeNetwork, findAddress } from "@/server/core/forwarded";
import { nameSubject } from "@/server/core/limits";
import type { Caller } from "@/server/core/trpc";
import { resolveCustomer } from "@/server/modules/accounts/caller";

/** Where a call came from, as the host in front of us or our proxies say. */
export function addressOf(request: Request): string {
  return findAddress(request.headers);
}

/**
 * Who is calling: the customer of the key or of the session that came along; without either, everybody at one address is one
 * visitor. A session that is broken or over makes a visitor too; a key that is not good refuses the call, because its sender
 * means to be somebody.
 * @throws {DomainError} `key_invalid`, `key_revoked`, `key_expired`, `forbidden`; `database_unavailable`
 */
export async function identifyCaller(request: Pick<Asked, "headers">, address: string): Promise<Caller> {
  keepUp();
  const authorization = request.headers.get("authorization");
  const session = readSessionCookie(request);
  const customer = authorization === null && session === null ? null : await resolveCustomer({ authorization, session });
  return customer ?? { kind: "visitor", id: `visitor:${await nameSubject(describeNetwork(address))}` };
}
