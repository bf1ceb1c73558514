"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { Icon } from "@/components/ui/icon";
import { Menu } from "@/components/ui/menu";

/** The main navigation where the bar is too narrow for it. */
export function SiteMenu({ entries }: { entries: readonly (readonly [href: string, title: string])[] }) {
  const path = usePathname();
  return (
    <Menu label="Menu" face={<Icon name="menu" size={18} />} buttonClass="btn btn-quiet btn-icon">
      {entries.map(([href, title]) => (
        <Link key={href} href={href} role="menuitem" tabIndex={-1} prefetch={false} aria-current={path === href ? "page" : undefined}>
          {title}
        </Link>
      ))}
    </Menu>
  );
}
