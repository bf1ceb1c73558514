import "server-only";
import { isIPv4, isIPv6 } from "node:net";
import { readSessionCookie } from "@/server/api/own-page";
import { keepUp } from "@/server/api/upkeep";
import { findAddress } from "@/server/core/forwarded";
import { nameSubject } from "@/server/core/limits";
import type { Caller } from "@/server/core/trpc";
import { resolveCustomer } from "@/server/modules/accounts/caller";

/** The first four groups of an IPv6 address: what one household or server is given, so counting less would be no limit. */
function firstGroups(address: string): string {
  const [head = "", tail = ""] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  const missing = address.includes("::") ? Math.max(0, 8 - before.length - after.length) : 0;
  const groups = [...before, ...Array.from({ length: missing }, () => "0"), ...after];
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

/**
 * The part of a network address that callers are told apart by: an IPv4 address whole (also where it is written as
 * `::ffff:192.0.2.1`), an IPv6 address by its /64; anything else counts as one caller.
 */
export function describeNetwork(address: string): string {
  const plain = address.trim().replace(/^\[|\]$/g, "").replace(/%.*$/, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1] ?? plain;
  if (isIPv4(mapped)) return mapped;
  return isIPv6(mapped) ? firstGroups(mapped) : "unknown";
}

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
export async function identifyCaller(request: Request, address: string): Promise<Caller> {
  keepUp();
  const authorization = request.headers.get("authorization");
  const session = readSessionCookie(request);
  const customer = authorization === null && session === null ? null : await resolveCustomer({ authorization, session });
  return customer ?? { kind: "visitor", id: `visitor:${await nameSubject(describeNetwork(address))}` };
}
