import Link from "next/link";
import { Icon } from "@/components/ui/icon";

/** The way back to the list. */
export function HistoryCrumb({ here }: { here: string }) {
  return (
    <nav className="flex items-center gap-2 pt-4 text-[13px] text-ink-3" aria-label="Breadcrumb">
      <Link href="/history" className="hover:text-ink" prefetch={false}>
        History
      </Link>
      <Icon name="chevron-right" size={12} />
      <span aria-current="page">{here}</span>
    </nav>
  );
}
