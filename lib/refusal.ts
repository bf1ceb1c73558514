import { TRPCClientError } from "@trpc/client";
import type { AppRouter } from "@/server/api/router";

/** Why something was not done, in words for the page. */
export interface Refusal {
  /** A code of the error table, or null when no answer came at all. */
  code: string | null;
  message: string;
  /** What is wrong with each field, by its name: a part of a sentence that begins with the field, or a sentence of its own. */
  fields: Record<string, string>;
}

/** A refusal on its way to the form that shows it. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = "RefusedError";
    this.refusal = refusal;
  }
}

/** Seconds as people say them: `a second`, `40 seconds`, `15 minutes`; rounded up, so that nobody comes back too early. */
export function sayDuration(seconds: number): string {
  if (seconds <= 1) return "a second";
  if (seconds < 60) return `${Math.ceil(seconds)} seconds`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return minutes === 1 ? "a minute" : `${minutes} minutes`;
  return `${Math.ceil(minutes / 60)} hours`;
}

/** ` Try again in …` where the answer says how long to wait (`Retry-After`, RFC 9110 section 10.2.3). */
export function sayWait(response: unknown): string {
  const seconds = response instanceof Response ? Number(response.headers.get("Retry-After")) : 0;
  return seconds > 0 ? ` Try again in ${sayDuration(seconds)}.` : "";
}

const unreachable: Refusal = { code: null, message: "The service cannot be reached. Nothing was changed; try again.", fields: {} };

/** Pages call without keys: what the API takes for a call without one is here a session that ended, perhaps in another tab. */
const sessionEnded: Refusal = { code: "key_missing", message: "Your session has ended. Load the page again to sign in.", fields: {} };

/** What a failed call says, whatever it failed by. */
export function readRefusal(error: unknown): Refusal {
  if (error instanceof RefusedError) return error.refusal;
  if (!(error instanceof TRPCClientError)) return unreachable;
  const { data, message, meta } = error as TRPCClientError<AppRouter>;
  if (!data) return unreachable;
  if (data.code === "key_missing") return sessionEnded;
  const fields = (data.errors ?? []).map(({ pointer, detail }) => [decodeURIComponent(pointer.split("/").at(-1) ?? ""), detail] as const);
  return { code: data.code, message: `${message}${sayWait(meta?.["response"])}`, fields: Object.fromEntries(fields) };
}

/** A field's fault as a sentence: `needs at least 10 characters` becomes `Password needs at least 10 characters.` */
export function toSentence(label: string, fault: string): string {
  const words = /^\p{Ll}/u.test(fault) ? `${label} ${fault}` : fault;
  return /[.!?]$/u.test(words) ? words : `${words}.`;
}
