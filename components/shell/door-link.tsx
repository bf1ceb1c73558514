"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

interface DoorLinkProps {
  href: string;
  /** How it looks away from the pages that the two doors lead to: there the form has the main action. */
  look: string;
  children: ReactNode;
}

const DOORS = ["/sign-in", "/sign-up"];

/** A way in from the bar on top. */
export function DoorLink({ href, look, children }: DoorLinkProps) {
  const path = usePathname();
  const current = path === href;
  const shown = DOORS.includes(path) ? (current ? "" : "btn-quiet") : look;
  return (
    <Link href={href} className={`btn ${shown}`} prefetch={false} aria-current={current ? "page" : undefined}>
      {children}
    </Link>
  );
}
