/** What can be said about the fields of an account before they are sent; the service has the last word. */

/** @returns what is wrong with it, or undefined */
export function checkEmail(text: string): string | undefined {
  const address = text.trim();
  if (address === "") return "is missing";
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) ? undefined : "is not an email address: one reads like ada@example.com";
}

/** @returns what is wrong with a password that is to be set, or undefined */
export function checkNewPassword(text: string, minLength: number): string | undefined {
  if (text === "") return "is missing";
  return text.length < minLength ? `needs at least ${minLength} characters; these are ${text.length}` : undefined;
}

/** @returns what is wrong where something has to be given, or undefined */
export function checkGiven(text: string): string | undefined {
  return text.trim() === "" ? "is missing" : undefined;
}
