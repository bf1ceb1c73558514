import "server-only";
import { createHash } from "node:crypto";

/** Hundredths of a per cent: a share of 1 % is 100 of these places. */
const PLACES = 10_000;

/**
 * Where a caller stands when a candidate draws its customers, 0 to 9999. It depends on nothing but the three names, so every process
 * draws the same, a caller keeps the place for as long as this candidate runs, and another candidate version draws anew.
 * The modulus favours the first places by less than 3 in a million (2^32 is no multiple of 10,000).
 * @param subject who calls: a customer, or a visitor by address
 */
export function drawPlace(slug: string, candidate: number, subject: string): number {
  return createHash("sha256").update(`${slug}\n${candidate}\n${subject}`).digest().readUInt32BE(0) % PLACES;
}

/** Whether the candidate answers this caller. A growing share keeps everybody who is in. @param share per cent of the customers */
export function isDrawn(slug: string, candidate: number, share: number, subject: string): boolean {
  return drawPlace(slug, candidate, subject) < share * (PLACES / 100);
}
