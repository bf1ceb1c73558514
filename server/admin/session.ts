import "server-only";
import { cookies, headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { isAllowedAddress } from "@/server/admin/network";
import { describeNetwork, findAddress, findOrigin } from "@/server/core/forwarded";
import { createId } from "@/server/core/ids";
import { nameSubject } from "@/server/core/limits";
import { createConsoleCaller } from "@/server/admin/router";
import { serves } from "@/server/core/served";
import { consoleCookieName, type OperatorSession, resolveOperatorSession } from "@/server/modules/operators/sessions";

/** Whether the console is served here, and to the reader's network; pages that are open to nobody else ask it first. */
export async function assertAllowedReader(): Promise<void> {
  if (!serves("admin") || !isAllowedAddress(findAddress(await headers()))) notFound();
}

/** Who is signed in, or null; asked once a request however many parts of the page want to know. */
export const readSession = cache(async (): Promise<OperatorSession | null> => {
  await assertAllowedReader();
  const token = (await cookies()).get(consoleCookieName("session"))?.value;
  return token === undefined ? null : resolveOperatorSession(token);
});

/**
 * The session of a page that needs one; everybody else is sent to sign in and comes back to `path` afterwards. Whoever must change the
 * password is sent there.
 */
export async function requireOperator(path: string): Promise<OperatorSession> {
  const session = await readSession();
  if (!session) redirect(`/admin/sign-in?${new URLSearchParams({ next: path })}`);
  if (session.mustChangePassword && path !== "/admin/password") redirect("/admin/password");
  return session;
}

/**
 * As {@link requireOperator}, for the frame around pages: it turns readers away before a placeholder of the page is sent, so that they
 * are led on by a status and not by a script. Each page asks again, because a frame stays while its pages change.
 */
export async function requireOperatorHere(): Promise<OperatorSession> {
  const page = new URL((await headers()).get("x-vitrine-page") ?? "/admin", "http://here.invalid");
  page.searchParams.delete("_rsc");
  return requireOperator(`${page.pathname}${page.search}`);
}

/** The console's procedures for one page, asked on behalf of whoever is signed in. */
export async function consoleCaller() {
  const [session, given] = await Promise.all([readSession(), headers()]);
  const address = findAddress(given);
  const subject = await nameSubject(describeNetwork(address));
  const origin = findOrigin(given, "http://localhost:3000");
  return createConsoleCaller({ session, address, subject, requestId: createId("request"), origin, headers: new Headers() });
}
