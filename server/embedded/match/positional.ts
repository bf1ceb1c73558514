import type { Document } from "../bson";
import { isDocument } from "../types";
import type { Collation } from "../values";
import { compileElement, compileFilter } from "./filter";
import { isNegated, isOperatorDocument } from "./operators";
import { getByPath } from "./path";

/**
 * Position of the first array element that satisfies the filter's condition on its array: what "$" stands for in an
 * update path or a projection. `undefined` when no condition of the filter is on an array.
 */
export function findMatchedIndex(document: Document, filter: Document, collation?: Collation): number | undefined {
  for (const [name, argument] of Object.entries(filter)) {
    const index = name.startsWith("$")
      ? findInClauses(document, name, argument, collation)
      : findOnPath(document, name.split("."), argument, collation);
    if (index !== undefined) return index;
  }
  return undefined;
}

function findInClauses(document: Document, name: string, argument: unknown, collation?: Collation): number | undefined {
  if ((name !== "$and" && name !== "$or") || !Array.isArray(argument)) return undefined;
  for (const clause of argument) {
    if (!isDocument(clause) || !compileFilter(clause, { collation })(document)) continue;
    const index = findMatchedIndex(document, clause, collation);
    if (index !== undefined) return index;
  }
  return undefined;
}

function findOnPath(document: Document, path: string[], argument: unknown, collation?: Collation): number | undefined {
  const wanted = dropNegations(argument);
  if (wanted === undefined) return undefined;
  for (let depth = 1; depth <= path.length; depth += 1) {
    const items = getByPath(document, path.slice(0, depth));
    if (!Array.isArray(items)) continue;
    const matches = compileItem(path.slice(depth), wanted, collation);
    const index = items.findIndex(matches);
    if (index >= 0) return index;
  }
  return undefined;
}

/** What is left of a condition without operators that hold because no element matches; `undefined` when nothing is. */
function dropNegations(argument: unknown): unknown {
  if (!isDocument(argument) || !isOperatorDocument(argument)) return argument;
  const kept = Object.entries(argument).filter(([name, value]) => name !== "$not" && !isNegated(name, value));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function compileItem(rest: string[], argument: unknown, collation?: Collation): (item: unknown) => boolean {
  if (rest.length === 0 && isDocument(argument) && "$elemMatch" in argument) {
    return compileElement(argument.$elemMatch, collation);
  }
  const matches = compileFilter({ [["item", ...rest].join(".")]: argument }, { collation });
  return (item) => matches({ item });
}
