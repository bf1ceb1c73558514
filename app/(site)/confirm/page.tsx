import type { Metadata } from "next";
import { ConfirmForm } from "@/components/accounts/confirm-form";
import { linkToken } from "@/lib/contracts/account";
import { assertSitePage } from "@/server/site/served";

/** The address holds a secret: no search engine keeps it and no request carries it on. */
export const metadata: Metadata = { title: "Confirm your address", referrer: "no-referrer", robots: { index: false, follow: false } };

interface ConfirmPageProps {
  searchParams: Promise<{ token?: string | string[] }>;
}

export default async function ConfirmPage({ searchParams }: ConfirmPageProps) {
  assertSitePage();
  const token = linkToken.safeParse((await searchParams).token);
  return <ConfirmForm given={token.data ?? null} />;
}
