import type { Metadata } from "next";
import { KeysPanel } from "@/components/keys/keys-panel";
import { readKeysPage } from "@/server/site/keys";
import { requireCustomer } from "@/server/site/session";

export const metadata: Metadata = { title: "Keys" };

export default async function KeysPage() {
  await requireCustomer("/keys");
  return <KeysPanel {...await readKeysPage()} />;
}
