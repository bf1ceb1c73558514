import type { Metadata } from "next";
import { NothingHere } from "@/components/shell/nothing-here";
import { TopBar } from "@/components/shell/top-bar";
import { readReader } from "@/server/site/accounts";

export const metadata: Metadata = { title: "Not found" };

export default async function NotFound() {
  const reader = await readReader();
  return (
    <>
      <TopBar reader={reader} />
      <main id="content" className="wrap">
        <NothingHere />
      </main>
    </>
  );
}
