/**
 * The network address a call came from: the entry that the outermost proxy of ours wrote, as server/core/forwarded.ts has it; empty when
 * nobody says. What stands before that entry is what the caller claims.
 * @param {number} proxies how many of ours are in front
 */
export function findAddress(headers, proxies) {
  const entries = (headers["x-forwarded-for"] ?? "").split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
  return entries.at(-Math.max(1, proxies)) ?? entries[0] ?? "";
}
