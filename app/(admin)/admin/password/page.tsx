import type { Metadata } from "next";
import { FirstPassword } from "@/components/admin/operators/first-password";
import { SignInPane } from "@/components/admin/operators/sign-in-pane";
import { SignOutForm } from "@/components/admin/shell/sign-out-form";
import { readPasswordPage } from "@/server/admin/sign-in";

export const metadata: Metadata = { title: "Choose a password", robots: { index: false } };

export default async function ConsolePasswordPage() {
  const { email, must } = await readPasswordPage();
  const question = (
    <div className="grid gap-4">
      <div>
        <h1 className="auth-title">Choose a password</h1>
        <p className="mt-1 text-ink-2">
          {must ? `You are ${email}. Your password was told by somebody else, so it opens nothing but this page.` : `For ${email}.`}
        </p>
      </div>
      <FirstPassword />
      <SignOutForm className="link">Sign out</SignOutForm>
    </div>
  );
  return <SignInPane question={question} facts={[{ name: "Your sign-in", words: must ? "one step left" : "works", good: !must }]} />;
}
