/** The first letters of the first and the last word of a name, for a mark that stands for a person. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter((word) => word !== "");
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  const letters = ends.map((word) => [...(word ?? "")].find((letter) => /[\p{L}\p{N}]/u.test(letter)) ?? "");
  return letters.join("").toLocaleUpperCase("en") || "?";
}
