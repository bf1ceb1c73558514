import "server-only";

const LONGEST_NAME = 64;
const LONGEST_LABEL = 80;

/** Letters, digits and low lines, beginning with a letter: what a field may be called. */
function toName(text: string): string {
  const plain = text
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, LONGEST_NAME - 4);
  const begun = /^[A-Za-z]/.test(plain) ? plain : `field_${plain}`.replace(/_$/, "");
  return begun === "constructor" ? "constructor_" : begun;
}

/** Gives names that may stand in a schema, no name twice. */
export function createNamer(taken: Iterable<string> = []): (wanted: string) => string {
  const used = new Set(taken);
  return (wanted) => {
    const name = toName(wanted);
    let free = name;
    for (let number = 2; used.has(free); number++) free = `${name}_${number}`;
    used.add(free);
    return free;
  };
}

/** "monthly_charges" as "Monthly charges". */
export function toLabel(name: string): string {
  const words = name
    .replace(/[_\s]+/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .trim()
    .slice(0, LONGEST_LABEL);
  return words === "" ? "Field" : words[0]?.toUpperCase() + words.slice(1);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A list written as JSON (also as an object from number to name) or with commas between; lists by input come one after the other. */
export function parseNames(text: string): string[] {
  const parsed = parseJson(text);
  if (typeof parsed === "object" && parsed !== null) return Object.values(parsed).flat().map(String);
  return text.includes(",") ? text.split(",").map((part) => part.trim()) : [];
}

/** The first list of names that the file's properties hold under one of the keys; null without one. */
export function readNames(metadata: Record<string, string>, keys: readonly string[]): string[] | null {
  for (const key of keys) {
    const names = parseNames(metadata[key] ?? "").filter((name) => name !== "");
    if (names.length > 0) return names;
  }
  return null;
}
