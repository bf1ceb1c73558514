import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AuthPane } from "@/components/accounts/auth-pane";
import { ProviderButtons } from "@/components/accounts/provider-buttons";
import { SignInForm } from "@/components/accounts/sign-in-form";
import { WithAccount } from "@/components/accounts/with-account";
import { Notice } from "@/components/ui/notice";
import { firstValue } from "@/lib/first-value";
import { ownPath } from "@/lib/own-path";
import { readProviders } from "@/server/site/accounts";
import { assertSitePage } from "@/server/site/served";
import { readCustomer, readSuspension } from "@/server/site/session";

export const metadata: Metadata = { title: "Sign in", description: "Sign in to your keys, history and usage." };

interface SignInPageProps {
  searchParams: Promise<{ next?: string | string[]; notice?: string | string[]; error?: string | string[] }>;
}

/** What just happened, for readers whom another page sent here. */
const notices = new Map(Object.entries({
  confirmed: "Your address is confirmed. Sign in, and make your first key.",
  password: "Your new password is set, and every session ended. Sign in with it.",
  everywhere: "You are signed out everywhere. Keys go on working.",
  deleted: "Your account and everything in it are deleted.",
}));

/** Why GitHub or Google sent the reader back without a session. */
const refusals = new Map(Object.entries({
  forbidden: "That account cannot be used here: its email address is not confirmed there.",
  sign_in_refused: "Signing in there was not finished. Try again, or use your password.",
  sign_in_unavailable: "That service does not answer at the moment. Try again in a minute, or use your password.",
  sign_in_locked: "Too many wrong passwords from here. Wait 15 minutes, or set a new password.",
}));
const REFUSED = "Signing in did not work. Try again in a minute.";

/** Why the reader is not signed in, where somebody said so or the browser's own session does. */
async function readRefusal(error: string | undefined): Promise<string | null> {
  if (error === undefined || error === "suspended") return readSuspension(error !== undefined);
  return refusals.get(error) ?? REFUSED;
}

export default async function SignInPage({ searchParams }: SignInPageProps) {
  assertSitePage();
  const given = await searchParams;
  const next = ownPath(firstValue(given.next), "/keys");
  if (await readCustomer()) redirect(next);
  const error = firstValue(given.error);
  const refusal = await readRefusal(error);
  const notice = refusal === null ? notices.get(firstValue(given.notice) ?? "") : undefined;
  const question = (
    <>
      <h1 className="auth-title">Sign in</h1>
      <p className="mt-1 mb-5 text-ink-2">To your keys, history and usage.</p>
      {refusal !== null && (
        <div className="mb-4">
          <Notice tone="bad">{refusal}</Notice>
        </div>
      )}
      <SignInForm next={next} notice={notice} />
      <ProviderButtons providers={readProviders()} next={next} />
    </>
  );
  const answer = (
    <>
      <h2 className="auth-side-title">New here?</h2>
      <WithAccount />
      <p className="mt-6">
        <Link href="/sign-up" className="btn" prefetch={false}>
          Make an account
        </Link>
      </p>
    </>
  );
  return <AuthPane question={question} answer={answer} plate={["Ten wrong passwords lock the way in for 15 minutes"]} />;
}
