"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

interface NavLinkProps {
  href: string;
  /** Other addresses that belong to this entry, by how they begin. */
  covers?: string[];
  children: ReactNode;
}

/** An entry of a navigation that knows whether it is the current one. */
export function NavLink({ href, covers = [], children }: NavLinkProps) {
  const path = usePathname();
  const current = path === href || covers.some((start) => path.startsWith(start));
  return (
    <Link href={href} className="nav-link" aria-current={current ? "page" : undefined} prefetch={false}>
      {children}
    </Link>
  );
}
