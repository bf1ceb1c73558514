import "server-only";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { CustomerCaller } from "@/server/core/trpc";
import { isSuspendedSession, resolveSession, sessionCookieName } from "@/server/modules/accounts/session";
import { describeSuspension } from "@/server/modules/accounts/suspension";

const readToken = async () => (await cookies()).get(sessionCookieName())?.value;

/** Who is signed in, or null; asked once a request however many parts of the page want to know. */
export const readCustomer = cache(async (): Promise<CustomerCaller | null> => {
  const token = await readToken();
  return token === undefined ? null : resolveSession(token);
});

/**
 * What to tell the reader whose account is suspended; null for everybody else.
 * @param isTold a sign-in that was right was refused for it just now; otherwise the browser's session says so
 */
export async function readSuspension(isTold: boolean): Promise<string | null> {
  const token = await readToken();
  return isTold || (token !== undefined && (await isSuspendedSession(token))) ? describeSuspension() : null;
}

/** The signed-in customer of a page that needs one; everybody else is sent to sign in and comes back to `path` afterwards. */
export async function requireCustomer(path: string): Promise<CustomerCaller> {
  const customer = await readCustomer();
  if (customer) return customer;
  redirect(`/sign-in?${new URLSearchParams({ next: path })}`);
}
