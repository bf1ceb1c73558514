import "server-only";
import { isIPv4, isIPv6 } from "node:net";
import { createId } from "@/server/core/ids";
import { nameSubject } from "@/server/core/limits";
import type { Caller } from "@/server/core/trpc";

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

/** Where a call came from, as the host in front wrote it: every host of ours replaces what a caller claims. */
export function addressOf(request: Request): string {
  return request.headers.get("x-forwarded-for")?.split(",")[0]?.trim() ?? "";
}

/** Who is calling: without an account, everybody at one address is one visitor. */
export async function identifyCaller(address: string): Promise<Caller> {
  return { kind: "visitor", id: `visitor:${await nameSubject(describeNetwork(address))}` };
}

/** The caller's own `request-id` where it has the agreed form, else a new one. */
export function takeRequestId(request: Request): string {
  const given = request.headers.get("request-id");
  return given !== null && /^[A-Za-z0-9_-]{8,64}$/.test(given) ? given : createId("request");
}
