import type { ReactNode } from "react";
import { TopBar } from "@/components/shell/top-bar";
import { readReader } from "@/server/site/accounts";
import { readTheme } from "@/server/site/request";

export default async function SiteLayout({ children }: { children: ReactNode }) {
  const [theme, reader] = await Promise.all([readTheme(), readReader()]);
  return (
    <>
      <TopBar theme={theme} reader={reader} />
      <main id="content" className="wrap pb-12">
        {children}
      </main>
    </>
  );
}
