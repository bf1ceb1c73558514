import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ConsoleFrame } from "@/components/admin/shell/console-frame";
import { readFrame } from "@/server/admin/frame";

export const metadata: Metadata = { title: { default: "Console", template: "%s · Vitrine console" }, robots: { index: false } };

/** The frame of the console. It stays while its pages change, so each page asks for itself who is signed in. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  return <ConsoleFrame {...await readFrame()}>{children}</ConsoleFrame>;
}
