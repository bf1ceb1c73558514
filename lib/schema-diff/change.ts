/** One difference between two schemas. */
export interface SchemaChange {
  /** A JSON pointer (RFC 6901, as a URI fragment) into the schema by names: `#/inputs/contract/categories/One%20year`. */
  pointer: string;
  kind: ChangeKind;
  /** A sentence about this one place. */
  words: string;
  /** Whether calls that worked would be refused, or answers would be read wrongly. */
  breaking: boolean;
}

export type ChangeKind =
  | "added" | "removed" | "type" | "required" | "default" | "category" | "class" | "range" | "length" | "size" | "unit" | "interval"
  | "decision" | "labels" | "wording";

/** A pointer below `#`, made of names. */
export function pointTo(...names: (string | number)[]): string {
  return `#${names.map((name) => `/${encodeURIComponent(String(name).replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("")}`;
}

/** Something as JSON would write it, so that the text `1` and the number 1 differ. */
export function show(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

/** A change of something that one side may lack, where it is not the same on both. */
export function changeOf<Value>(before: Value, after: Value, describe: () => SchemaChange): SchemaChange[] {
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [describe()];
}

interface Valued {
  value: string | number;
  label: string;
}

interface ValueWords {
  kind: "category" | "class";
  /** `Category` or `Class`, the beginning of a sentence. */
  noun: string;
  at: (value: string | number) => string;
  /** Whether a value more is something a reader of answers must know. */
  addingBreaks: boolean;
}

/** Differences between two lists of values with labels; values are the same when type and text are. */
export function diffValues(before: readonly Valued[], after: readonly Valued[], words: ValueWords): SchemaChange[] {
  const { kind, noun, at, addingBreaks } = words;
  const [old, now] = [before, after].map((values) => new Map(values.map((entry) => [entry.value, entry.label])));
  const removed = before.filter(({ value }) => !now?.has(value));
  const added = after.filter(({ value }) => !old?.has(value));
  const renamed = after.filter(({ value, label }) => old?.has(value) === true && old.get(value) !== label);
  return [
    ...removed.map(({ value }) => ({ pointer: at(value), kind, words: `${noun} ${show(value)} is gone.`, breaking: true })),
    ...added.map(({ value }) => ({ pointer: at(value), kind, words: `${noun} ${show(value)} is new.`, breaking: addingBreaks })),
    ...renamed.map(({ value, label }) => {
      const renaming = `${noun} ${show(value)} is now called ${show(label)}.`;
      return { pointer: at(value), kind: "wording" as const, words: renaming, breaking: false };
    }),
  ];
}
