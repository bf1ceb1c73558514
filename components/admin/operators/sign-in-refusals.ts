import { sayDuration } from "@/lib/refusal";

const words = new Map(Object.entries({
  sign_in_refused: "The email address or the password is wrong.",
  password_expired: "This password has expired. Ask an owner of the team for a new one; that of the first start is told anew by each start of the service.",
  code_refused: "That code is wrong, or was used already.",
  rate_limited: "Too many attempts from here in one minute.",
  database_unavailable: "The database does not answer, so nobody can be let in at the moment.",
  forbidden: "This page is too old: load it again.",
}));

const counts = ["No tries", "One try", "Two tries", "Three tries", "Four tries"];

function sayTriesLeft(left: string | undefined): string {
  const words = /^\d$/.test(left ?? "") ? counts[Number(left)] : undefined;
  return words === undefined ? "" : ` ${words} left.`;
}

/** What came with the address: why, how long to wait, and how many tries are left. */
export interface ToldRefusal {
  error: string;
  retry: string | undefined;
  left: string | undefined;
}

/** Why nobody was let in, in words for the page. */
export function describeSignInRefusal({ error, retry, left }: ToldRefusal): string {
  const seconds = Number(retry ?? 0);
  const wait = Number.isFinite(seconds) && seconds > 0 ? ` Try again in ${sayDuration(Math.min(seconds, 86_400))}.` : "";
  if (error === "sign_in_locked") return `Too many wrong tries.${wait}`;
  return `${words.get(error) ?? "Signing in did not work."}${sayTriesLeft(left)}${wait}`;
}
