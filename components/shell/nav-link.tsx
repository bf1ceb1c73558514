"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { MouseEvent, ReactNode } from "react";

interface NavLinkProps {
  href: string;
  /** Other addresses that belong to this entry, by how they begin. */
  covers?: string[];
  /** On the page itself the entry leaves the address as it is, because what was typed is part of it. */
  keepsQuery?: boolean;
  children: ReactNode;
}

/** An entry of a navigation that knows whether it is the current one. */
export function NavLink({ href, covers = [], keepsQuery = false, children }: NavLinkProps) {
  const path = usePathname();
  const current = path === href || covers.some((start) => path.startsWith(start));
  const stay = (event: MouseEvent) => {
    if (keepsQuery && path === href && !event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault();
  };
  return (
    <Link href={href} className="nav-link" aria-current={current ? "page" : undefined} prefetch={false} onClick={stay}>
      {children}
    </Link>
  );
}
