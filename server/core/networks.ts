import "server-only";
import { BlockList, isIP } from "node:net";
import { env } from "@/server/core/env";

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

/** Whether `ADMIN_ALLOW` lets a network address come near the console; everybody may where no networks are configured. */
export function isInsideNetworks(address: string): boolean {
  if (env().console.allowedNetworks.length === 0) return true;
  const plain = address.trim().replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const family = isIP(plain);
  if (family === 0) return false;
  allowed ??= readAllowed();
  return allowed.check(plain, family === 6 ? "ipv6" : "ipv4");
}
