import "server-only";
import { DomainError } from "@/server/core/errors";
import type { Route } from "@/server/api/route";
import { routes } from "@/server/api/routes";

/** Longer than any `slug@alias` there can be. */
const MAX_NAME_LENGTH = 140;

/** A route at an address, with the decoded parts that stand for its names. */
export interface Found {
  route: Route;
  path: Record<string, string>;
}

/** Every route by the number of parts its address has, taken apart once. */
const byLength = new Map<number, { route: Route; words: string[] }[]>();
for (const route of routes) {
  const words = route.path.split("/").slice(1);
  const same = byLength.get(words.length) ?? [];
  byLength.set(words.length, [...same, { route, words }]);
}

/** @returns what stands in the place of each name, or null when the words are those of another address */
function matchWords(words: string[], parts: string[]): Record<string, string> | null {
  const names: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const given = parts[index] ?? "";
    if (!word.startsWith("{")) {
      if (word !== given) return null;
    } else {
      if (given === "" || given.length > MAX_NAME_LENGTH) return null;
      names[word.slice(1, -1)] = given;
    }
  }
  return names;
}

function matchRoutes(path: string): Found[] {
  let parts: string[];
  try {
    parts = path.split("/").slice(1).map(decodeURIComponent);
  } catch {
    throw new DomainError("not_found", "There is nothing at this address.");
  }
  return (byLength.get(parts.length) ?? []).flatMap(({ route, words }) => {
    const names = matchWords(words, parts);
    return names ? [{ route, path: names }] : [];
  });
}

/** Most calls ask the same few addresses again and again. */
const MOST_KNOWN = 100;
const LONGEST_KEPT = 300;
const known = new Map<string, Found[]>();

/**
 * The routes at an address, one for each method it takes.
 * @param path below `/api/v1`, as it was sent
 * @throws {DomainError} `not_found`, for an escape that decodes to nothing
 */
export function findRoutes(path: string): Found[] {
  const kept = known.get(path);
  if (kept) return kept;
  const found = matchRoutes(path);
  if (known.size >= MOST_KNOWN) known.clear();
  if (path.length <= LONGEST_KEPT) known.set(path, found);
  return found;
}

/** The address of what was found, below `/api/v1`: one for each thing, in whichever of its ways it was escaped when it was sent. */
export function addressBelow({ route, path }: Found): string {
  const fill = (_braced: string, name: string) => encodeURIComponent(path[name] ?? "").replaceAll("%40", "@");
  return route.path.replaceAll(/\{(\w+)\}/g, fill);
}
