export interface TextPart {
  /** Where it begins. */
  start: number;
  text: string;
  isLink: boolean;
}

/** Plain text in parts, with every http address a part of its own. A full stop after an address is not of it. */
export function splitLinks(text: string): TextPart[] {
  let start = 0;
  return text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/u)
    .map((part, place) => {
      const found = { start, text: part, isLink: place % 2 === 1 };
      start += part.length;
      return found;
    })
    .filter((part) => part.text !== "");
}
