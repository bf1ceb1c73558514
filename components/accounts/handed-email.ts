const SLOT = "signing-in";

/** Keeps the address for the sign-in page that comes next in this tab: in an address bar it would end up in logs. */
export function handEmail(email: string): void {
  window.sessionStorage.setItem(SLOT, email);
}

/** The address that was kept, once. */
export function takeEmail(): string | null {
  const email = window.sessionStorage.getItem(SLOT);
  window.sessionStorage.removeItem(SLOT);
  return email;
}
