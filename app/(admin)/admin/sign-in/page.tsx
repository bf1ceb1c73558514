import type { Metadata } from "next";
import { PasswordField } from "@/components/accounts/password-field";
import { SignInEmail } from "@/components/admin/operators/sign-in-email";
import { SignInPane } from "@/components/admin/operators/sign-in-pane";
import { describeSignInRefusal } from "@/components/admin/operators/sign-in-refusals";
import { Notice } from "@/components/ui/notice";
import { firstValue } from "@/lib/first-value";
import { readSignInPage } from "@/server/admin/sign-in";

export const metadata: Metadata = { title: "Sign in to the console", robots: { index: false } };

interface SignInPageProps {
  searchParams: Promise<Record<"next" | "error" | "retry" | "left" | "notice", string | string[] | undefined>>;
}

export default async function ConsoleSignInPage({ searchParams }: SignInPageProps) {
  const given = await searchParams;
  const { facts, at } = await readSignInPage();
  const error = firstValue(given.error);
  const told = error && describeSignInRefusal({ error, retry: firstValue(given.retry), left: firstValue(given.left) });
  const isPassword = error === "sign_in_refused";
  const question = (
    <form method="post" action="/admin/auth/callback/password" className="grid gap-4">
      <div>
        <h1 className="auth-title">Sign in</h1>
        <p className="mt-1 text-ink-2">For the people who run the models.</p>
      </div>
      {told && !isPassword && <Notice tone="bad">{told}</Notice>}
      {firstValue(given.notice) === "signed_out" && !told && <Notice tone="ok">You are signed out.</Notice>}
      <input type="hidden" name="next" value={firstValue(given.next) ?? "/admin"} />
      <SignInEmail refused={error !== undefined} />
      <PasswordField label="Password" name="password" required error={isPassword ? told : undefined} />
      <button type="submit" className="btn btn-main w-full">
        Sign in
      </button>
      <p className="help">After five wrong tries this address waits 15 minutes.</p>
    </form>
  );
  return <SignInPane question={question} facts={facts} at={at} />;
}
