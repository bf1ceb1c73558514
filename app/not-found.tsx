import type { Metadata } from "next";
import Link from "next/link";
import { TopBar } from "@/components/shell/top-bar";
import { readTheme } from "@/server/site/request";

export const metadata: Metadata = { title: "Not found" };

export default async function NotFound() {
  return (
    <>
      <TopBar theme={await readTheme()} />
      <main id="content" className="wrap py-16">
        <p className="text-ink-3">404</p>
        <h1 className="mt-1">There is nothing at this address</h1>
        <p className="mt-2 max-w-[56ch] text-ink-2">A model may have been renamed or withdrawn, or a letter is missing. Every published model is in the catalog.</p>
        <p className="mt-5">
          <Link href="/" className="btn btn-main">
            All models
          </Link>
        </p>
      </main>
    </>
  );
}
