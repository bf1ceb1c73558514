import type { ReactNode } from "react";
import { TopBar } from "@/components/shell/top-bar";
import { readTheme } from "@/server/site/request";

export default async function SiteLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <TopBar theme={await readTheme()} />
      <main id="content" className="wrap pb-12">
        {children}
      </main>
    </>
  );
}
