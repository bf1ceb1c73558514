import { BlockList, isIP } from "node:net";
import { findAddress } from "./caller-address.mjs";
import { servesConsole } from "./role.mjs";

/** Opened by the scheduler's secret alone, from wherever it calls. */
const ANYWHERE = "/admin/jobs/upkeep";

function readNetworks(text) {
  const list = new BlockList();
  for (const network of text.split(",").map((part) => part.trim()).filter((part) => part !== "")) {
    const [address, bits] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function isConsole(url) {
  try {
    const path = decodeURIComponent(new URL(url, "http://here.invalid").pathname).toLowerCase();
    return /^\/admin(?![a-z0-9_-])/.test(path) && path !== ANYWHERE;
  } catch {
    return false;
  }
}

/**
 * Tells which calls ask for the console from another network than `ADMIN_ALLOW` has. Its doors and pages refuse them by themselves; turned
 * into calls of an address that there is not, they look like any other wrong address as well.
 * @param {number} proxies how many of ours are in front
 * @throws {Error} for networks that are none
 */
export function consoleRule(proxies) {
  const text = process.env.ADMIN_ALLOW ?? "";
  if (text.trim() === "" || !servesConsole()) return () => false;
  const networks = readNetworks(text);
  return ({ url, headers }) => {
    if (!isConsole(url)) return false;
    const address = findAddress(headers, proxies).replace(/^\[|\]$/g, "").replace(/%.*$/, "");
    const family = isIP(address);
    return family === 0 || !networks.check(address, family === 6 ? "ipv6" : "ipv4");
  };
}
