import "server-only";
import { readSessionCookie } from "@/server/api/own-page";
import { keepUp } from "@/server/api/upkeep";
import type { Asked } from "@/server/core/exchange";
import { describeNetwork, findAddress } from "@/server/core/forwarded";
import { findSubject, nameSubject } from "@/server/core/limits";
import type { Caller } from "@/server/core/trpc";
import { type Credentials, resolveCustomer } from "@/server/modules/accounts/caller";

/** Where a call came from, as the host in front of us or our proxies say. */
export function addressOf(request: Request): string {
  return findAddress(request.headers);
}

async function identifyByProof(proof: Credentials, address: string): Promise<Caller> {
  return (await resolveCustomer(proof)) ?? identifyVisitor(address);
}

function identifyVisitor(address: string): Caller | Promise<Caller> {
  const network = describeNetwork(address);
  const toVisitor = (name: string): Caller => ({ kind: "visitor", id: `visitor:${name}` });
  const known = findSubject(network);
  return known === undefined ? nameSubject(network).then(toVisitor) : toVisitor(known);
}

/**
 * Who is calling: the customer of the key or of the session that came along; without either, everybody at one address is one
 * visitor. A session that is broken or over makes a visitor too; a key that is not good refuses the call, because its sender
 * means to be somebody.
 * @returns without waiting, where nothing has to be read
 * @throws {DomainError} `key_invalid`, `key_revoked`, `key_expired`, `forbidden`; `database_unavailable`
 */
export function identifyCaller(request: Pick<Asked, "headers">, address: string): Caller | Promise<Caller> {
  keepUp();
  const authorization = request.headers.get("authorization");
  const session = readSessionCookie(request);
  return authorization === null && session === null ? identifyVisitor(address) : identifyByProof({ authorization, session }, address);
}
