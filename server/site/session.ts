import "server-only";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { CustomerCaller } from "@/server/core/trpc";
import { resolveSession, sessionCookieName } from "@/server/modules/accounts/session";

/** Who is signed in, or null; asked once a request however many parts of the page want to know. */
export const readCustomer = cache(async (): Promise<CustomerCaller | null> => {
  const token = (await cookies()).get(sessionCookieName())?.value;
  return token === undefined ? null : resolveSession(token);
});

/** The signed-in customer of a page that needs one; everybody else is sent to sign in and comes back to `path` afterwards. */
export async function requireCustomer(path: string): Promise<CustomerCaller> {
  const customer = await readCustomer();
  if (customer) return customer;
  redirect(`/sign-in?${new URLSearchParams({ next: path })}`);
}
