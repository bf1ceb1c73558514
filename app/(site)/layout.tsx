import type { ReactNode } from "react";
import { SiteNotice } from "@/components/shell/site-notice";
import { TopBar } from "@/components/shell/top-bar";
import { readReader } from "@/server/site/accounts";
import { readSiteNotice } from "@/server/site/notice";
import { readTheme } from "@/server/site/request";

export default async function SiteLayout({ children }: { children: ReactNode }) {
  const [theme, reader, notice] = await Promise.all([readTheme(), readReader(), readSiteNotice()]);
  return (
    <>
      <TopBar theme={theme} reader={reader} />
      {notice && <SiteNotice {...notice} />}
      <main id="content" className="wrap pb-12">
        {children}
      </main>
    </>
  );
}
