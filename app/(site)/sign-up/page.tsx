import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignUpForm } from "@/components/accounts/sign-up-form";
import { MIN_PASSWORD_LENGTH } from "@/lib/contracts/account";
import { isOutboxOpen } from "@/server/site/accounts";
import { assertSitePage } from "@/server/site/served";
import { readCustomer } from "@/server/site/session";

export const metadata: Metadata = { title: "Sign up", description: "An account gives you keys, a history and your own limits." };

export default async function SignUpPage() {
  assertSitePage();
  if (await readCustomer()) redirect("/keys");
  return <SignUpForm minPasswordLength={MIN_PASSWORD_LENGTH} outbox={await isOutboxOpen()} />;
}
