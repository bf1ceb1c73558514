"use client";

import Link from "next/link";
import { DoorLink } from "@/components/shell/door-link";
import { Logo } from "@/components/shell/logo";
import { NavLink } from "@/components/shell/nav-link";
import { SessionMenu } from "@/components/shell/session-menu";
import { SiteMenu } from "@/components/shell/site-menu";
import { ThemeButton } from "@/components/shell/theme-button";

interface TopBarProps {
  /** Who is signed in; null: a visitor. */
  reader: { name: string; email: string } | null;
}

const forEverybody = [
  ["/", "Models"],
  ["/docs", "Developers"],
] as const;
const forCustomers = [...forEverybody, ["/history", "History"]] as const;
const forVisitors = [...forEverybody, ["/sign-in", "Sign in"], ["/sign-up", "Sign up"]] as const;

function MainNavigation({ signedIn }: { signedIn: boolean }) {
  return (
    <nav className="hidden h-full gap-1 min-[700px]:flex" aria-label="Main">
      <NavLink href="/" covers={["/models"]}>
        Models
      </NavLink>
      <NavLink href="/docs" covers={["/docs"]}>
        Developers
      </NavLink>
      {signedIn && (
        <NavLink href="/history" covers={["/history/"]}>
          History
        </NavLink>
      )}
    </nav>
  );
}

function Doors() {
  return (
    <>
      <span className="max-[380px]:hidden">
        <DoorLink href="/sign-in" look="btn-quiet">
          Sign in
        </DoorLink>
      </span>
      <DoorLink href="/sign-up" look="btn-main">
        Sign up
      </DoorLink>
    </>
  );
}

/** The bar on top of every page a customer sees. */
export function TopBar({ reader }: TopBarProps) {
  return (
    <header className="topbar">
      <a href="#content" className="skip-link">
        Skip to the content
      </a>
      <div className="wrap flex h-full items-center gap-3 min-[900px]:gap-7">
        <Link href="/" className="flex min-h-11 items-center gap-2 text-base font-semibold tracking-tight" prefetch={false}>
          <Logo />
          Vitrine
        </Link>
        <MainNavigation signedIn={reader !== null} />
        <div className="topbar-end">
          <ThemeButton />
          {reader ? <SessionMenu {...reader} /> : <Doors />}
          <div className="min-[700px]:hidden">
            <SiteMenu entries={reader ? forCustomers : forVisitors} />
          </div>
        </div>
      </div>
    </header>
  );
}
