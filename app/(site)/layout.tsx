import type { ReactNode } from "react";
import { SiteNotice } from "@/components/shell/site-notice";
import { TopBar } from "@/components/shell/top-bar";
import { readReader } from "@/server/site/accounts";
import { readSiteNotice } from "@/server/site/notice";

export default async function SiteLayout({ children }: { children: ReactNode }) {
  const [reader, notice] = await Promise.all([readReader(), readSiteNotice()]);
  return (
    <>
      <TopBar reader={reader} />
      {notice && <SiteNotice {...notice} />}
      <main id="content" className="wrap pb-12">
        {children}
      </main>
    </>
  );
}
