import type { Metadata } from "next";
import { NothingHere } from "@/components/shell/nothing-here";
import { TopBar } from "@/components/shell/top-bar";
import { readReader } from "@/server/site/accounts";
import { readTheme } from "@/server/site/request";

export const metadata: Metadata = { title: "Not found" };

export default async function NotFound() {
  const [theme, reader] = await Promise.all([readTheme(), readReader()]);
  return (
    <>
      <TopBar theme={theme} reader={reader} />
      <main id="content" className="wrap">
        <NothingHere />
      </main>
    </>
  );
}
