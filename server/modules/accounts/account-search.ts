import "server-only";
import type { PlanName } from "@/lib/plans";

const PART = 3;
/** A part is rare when fewer names have it; so many parts of a text are counted at most. */
const RARE = 200;
const COUNTED = 6;

/** What operators look for; everything given must hold. */
export interface AccountSearch {
  /** Ids smaller than this one. */
  before?: string | undefined;
  /** Ids not smaller than this one. */
  from?: string | undefined;
  plan?: PlanName | undefined;
  suspended?: boolean | undefined;
  /** The beginning of an address, or words a name has, each from anywhere in a word of it. */
  text?: string | undefined;
}

/** Without case and accents, so that `garcia` finds García. */
function fold(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

/**
 * What a name is found by: of each of its words every three letters in a row, shorter words whole. Whoever has all parts of `velac` in
 * the name has, but for rare chances, `velac` in it; and an index can tell.
 */
export function partsOf(name: string): string[] {
  const words = fold(name).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const parts = words.flatMap((word) => {
    const letters = [...word];
    const starts = Array.from({ length: Math.max(1, letters.length - PART + 1) }, (_unused, start) => start);
    return starts.map((start) => letters.slice(start, start + PART).join(""));
  });
  return [...new Set(parts)];
}

/** What holds whatever the text. */
export function toConditions({ before, from, plan, suspended }: AccountSearch) {
  const bounds = { ...(before !== undefined && { $lt: before }), ...(from !== undefined && { $gte: from }) };
  return {
    ...(Object.keys(bounds).length > 0 && { _id: bounds }),
    ...(plan && { plan }),
    ...(suspended !== undefined && { suspendedAt: suspended ? { $type: "date" as const } : null }),
  };
}

/** What a text asks of a name, where it can be one at all: no name holds an address. */
export function askedParts(text: string): string[] {
  return text.includes("@") ? [] : partsOf(text);
}

/**
 * One of the parts that few names have, if there is one among the first.
 * @param count how many names have a part, counted up to a limit
 */
export async function chooseRare(parts: string[], count: (part: string, limit: number) => Promise<number>): Promise<string | undefined> {
  for (const part of parts.slice(0, COUNTED)) if ((await count(part, RARE)) < RARE) return part;
  return parts[0];
}

/** The two ways a text can fit, each with an index of its own. @param walked the part by which the index of names is walked: a rare one */
export function toTextConditions(text: string, parts: string[], walked: string | undefined) {
  const address = text.toLowerCase();
  const byAddress = { emailKey: { $gte: address, $lt: `${address}\uffff` } };
  return walked === undefined ? [byAddress] : [byAddress, { nameParts: walked, $and: [{ nameParts: { $all: parts } }] }];
}
