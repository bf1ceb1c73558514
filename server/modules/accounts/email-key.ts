import "server-only";

/** What two accounts cannot share: mail servers of any weight take an address in whatever case. */
export function keyOfEmail(email: string): string {
  return email.trim().toLowerCase();
}
