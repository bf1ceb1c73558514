import "server-only";
import { isIPv4, isIPv6 } from "node:net";
import { env } from "@/server/core/env";
import type { HeaderReader } from "@/server/core/exchange";

/**
 * What our proxies say of a call. Each of them appends what it saw, so with n of them in front the n-th entry from the end is the first
 * one that we can believe; whatever stands before it is what the caller claims. Without a proxy our own host wrote the only entry.
 */
function readForwarded(headers: HeaderReader, name: string): string | undefined {
  const said = headers.get(name) ?? "";
  if (!said.includes(",")) return said.trim() || undefined;
  const entries = said.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
  return entries.at(-Math.max(1, env().trustedProxies)) ?? entries[0];
}

/** The network address a call came from; empty when nobody says. */
export function findAddress(headers: HeaderReader): string {
  return readForwarded(headers, "x-forwarded-for") ?? "";
}

/** The last one that could be read: nearly all calls name the same. */
let lastHost = "";

function isHost(text: string): boolean {
  if (text === lastHost && text !== "") return true;
  if (!/^[A-Za-z0-9.:[\]-]{1,255}$/.test(text) || !URL.canParse(`http://${text}/`)) return false;
  lastHost = text;
  return true;
}

/**
 * Where the service is reached from outside, without a trailing slash: as configured, else as our proxies or the call itself say.
 * @param fallback an origin, for a call that names no host
 */
export function findOrigin(headers: HeaderReader, fallback: string): string {
  const { publicUrl, trustedProxies } = env();
  if (publicUrl !== null) return publicUrl;
  const trusted = (name: string) => (trustedProxies > 0 ? readForwarded(headers, name) : undefined);
  const host = trusted("x-forwarded-host") ?? headers.get("host") ?? "";
  if (!isHost(host)) return fallback;
  const protocol = trusted("x-forwarded-proto");
  return `${protocol === "https" || protocol === "http" ? protocol : fallback.slice(0, fallback.indexOf(":"))}://${host}`;
}

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
  if (isIPv4(address)) return address;
  const plain = address.trim().replace(/^\[|\]$/g, "").replace(/%.*$/, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1] ?? plain;
  if (isIPv4(mapped)) return mapped;
  return isIPv6(mapped) ? firstGroups(mapped) : "unknown";
}
