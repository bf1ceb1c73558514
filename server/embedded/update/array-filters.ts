import { fail, failBadValue, failToParse } from "../errors";
import { compileFilter } from "../match/filter";
import { isDocument } from "../types";
import type { Collation } from "../values";

export type ArrayFilters = ReadonlyMap<string, (item: unknown) => boolean>;

/** Compiles `arrayFilters` by their identifiers. Each must speak of exactly one. */
export function compileArrayFilters(filters: unknown, collation?: Collation): ArrayFilters {
  const compiled = new Map<string, (item: unknown) => boolean>();
  if (filters === undefined || filters === null) return compiled;
  if (!Array.isArray(filters)) fail(14, "TypeMismatch", "arrayFilters must be an array");
  for (const filter of filters) {
    const names = new Set(identifiersOf(filter));
    const [name] = names;
    if (name === undefined) failToParse("Cannot use an expression without a top-level field name in arrayFilters");
    if (names.size > 1) {
      const list = [...names].join("' and '");
      failToParse(`Error parsing array filter :: caused by :: Expected a single top-level field name, found '${list}'`);
    }
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) {
      failBadValue(
        "Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string " +
          `beginning with a lowercase letter, found '${name}'`,
      );
    }
    if (compiled.has(name)) failToParse(`Found multiple array filters with the same top-level field name ${name}`);
    const matches = compileFilter(filter, { collation });
    compiled.set(name, (item) => matches({ [name]: item }));
  }
  return compiled;
}

function identifiersOf(filter: unknown): string[] {
  if (!isDocument(filter)) fail(14, "TypeMismatch", "arrayFilters entries must be objects");
  return Object.entries(filter).flatMap(([name, value]) => {
    if (!name.startsWith("$")) return [name.split(".")[0] ?? name];
    return Array.isArray(value) ? value.flatMap(identifiersOf) : [];
  });
}
