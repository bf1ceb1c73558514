import type { Metadata } from "next";
import { KeysPanel } from "@/components/keys/keys-panel";
import { readKeysPage } from "@/server/site/keys";
import { assertSitePage } from "@/server/site/served";
import { requireCustomer } from "@/server/site/session";

export const metadata: Metadata = { title: "Keys" };

export default async function KeysPage() {
  assertSitePage();
  await requireCustomer("/keys");
  return <KeysPanel {...await readKeysPage()} />;
}
