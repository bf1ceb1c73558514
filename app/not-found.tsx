import type { Metadata } from "next";
import { NothingHere } from "@/components/shell/nothing-here";
import { TopBar } from "@/components/shell/top-bar";
import { readTheme } from "@/server/site/request";

export const metadata: Metadata = { title: "Not found" };

export default async function NotFound() {
  return (
    <>
      <TopBar theme={await readTheme()} />
      <main id="content" className="wrap">
        <NothingHere />
      </main>
    </>
  );
}
