import "server-only";
import { BlockList, isIP } from "node:net";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import { serves } from "@/server/core/served";

let allowed: BlockList | undefined;

function readAllowed(): BlockList {
  const list = new BlockList();
  for (const network of env().console.allowedNetworks) {
    const [address = "", bits] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** Whether this process serves the console, and to an address; everybody may reach it where no networks are configured. */
export function isAllowedAddress(address: string): boolean {
  if (!serves("admin")) return false;
  if (env().console.allowedNetworks.length === 0) return true;
  const plain = address.trim().replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const family = isIP(plain);
  if (family === 0) return false;
  allowed ??= readAllowed();
  return allowed.check(plain, family === 6 ? "ipv6" : "ipv4");
}

/** To be asked before anything else at every address of the console. @throws {DomainError} `not_found`: nobody outside learns that it is here */
export function assertAllowedAddress(address: string): void {
  if (!isAllowedAddress(address)) throw new DomainError("not_found", "There is nothing at this address.");
}
