import type { Metadata } from "next";
import { AskReset } from "@/components/accounts/ask-reset";
import { ResetForm } from "@/components/accounts/reset-form";
import { linkToken, MIN_PASSWORD_LENGTH } from "@/lib/contracts/account";
import { isOutboxOpen } from "@/server/site/accounts";
import { assertSitePage } from "@/server/site/served";

/** The address may hold a secret: no search engine keeps it and no request carries it on. */
export const metadata: Metadata = { title: "Set a new password", referrer: "no-referrer", robots: { index: false, follow: false } };

interface ResetPageProps {
  searchParams: Promise<{ token?: string | string[] }>;
}

export default async function ResetPage({ searchParams }: ResetPageProps) {
  assertSitePage();
  const { token } = await searchParams;
  if (token === undefined) return <AskReset outbox={await isOutboxOpen()} />;
  return <ResetForm given={linkToken.safeParse(token).data ?? null} minPasswordLength={MIN_PASSWORD_LENGTH} />;
}
