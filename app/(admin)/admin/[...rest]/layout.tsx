import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ConsoleFrame } from "@/components/admin/shell/console-frame";
import { readFrame } from "@/server/admin/frame";

export const metadata: Metadata = { title: { absolute: "Not found · Vitrine console" }, robots: { index: false } };

/** The console's frame around what does not exist. It is apart from the pages' own, whose placeholders would answer 200 before this is known. */
export default async function NowhereLayout({ children }: { children: ReactNode }) {
  return <ConsoleFrame {...await readFrame()}>{children}</ConsoleFrame>;
}
