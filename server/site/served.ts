import "server-only";
import { notFound } from "next/navigation";
import { serves } from "@/server/core/served";

/** The first line of every page of the site: it does not rely on the proxy having been asked. */
export function assertSitePage(): void {
  if (!serves("site")) notFound();
}
