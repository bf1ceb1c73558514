import type { Metadata } from "next";
import Link from "next/link";
import { SignInPane } from "@/components/admin/operators/sign-in-pane";
import { describeSignInRefusal } from "@/components/admin/operators/sign-in-refusals";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { firstValue } from "@/lib/first-value";
import { readSignInPage } from "@/server/admin/sign-in";

export const metadata: Metadata = { title: "Second step", robots: { index: false } };

interface CodePageProps {
  searchParams: Promise<Record<"next" | "error" | "retry" | "left", string | string[] | undefined>>;
}

export default async function ConsoleCodePage({ searchParams }: CodePageProps) {
  const given = await searchParams;
  const { facts, at } = await readSignInPage();
  const error = firstValue(given.error);
  const told = error && describeSignInRefusal({ error, retry: firstValue(given.retry), left: firstValue(given.left) });
  const isCode = error === "code_refused";
  const question = (
    <form method="post" action="/admin/auth/callback/code" className="grid gap-4">
      <div>
        <h1 className="auth-title">Second step</h1>
        <p className="mt-1 text-ink-2">Your password is right. Type the code that your authenticator shows, or one of your recovery codes.</p>
      </div>
      {told && !isCode && <Notice tone="bad">{told}</Notice>}
      <input type="hidden" name="next" value={firstValue(given.next) ?? "/admin"} />
      <TextField label="Code" name="code" autoComplete="one-time-code" spellCheck={false} error={isCode ? told : undefined} />
      <button type="submit" className="btn btn-main w-full">
        Sign in
      </button>
      <p className="help">
        <Link href="/admin/sign-in" className="link">
          Begin again
        </Link>
      </p>
    </form>
  );
  return <SignInPane question={question} facts={facts} at={at} />;
}
