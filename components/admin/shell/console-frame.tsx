import Link from "next/link";
import type { ReactNode } from "react";
import { ConsoleSearch } from "@/components/admin/palette/console-search";
import { ConsoleMenu } from "@/components/admin/shell/console-menu";
import { SideNav } from "@/components/admin/shell/side-nav";
import { SignOutForm } from "@/components/admin/shell/sign-out-form";
import { Logo } from "@/components/shell/logo";
import { ThemeButton } from "@/components/shell/theme-button";
import { Icon } from "@/components/ui/icon";
import { initialsOf } from "@/lib/initials";

interface ConsoleFrameProps {
  operator: { name: string; email: string; role: string };
  /** How many alerts are active. */
  alerts: number;
  children: ReactNode;
}

/** The console around each of its pages: the side bar, and a menu in its place on narrow screens. */
export function ConsoleFrame({ operator, alerts, children }: ConsoleFrameProps) {
  return (
    <div className="console">
      <a href="#content" className="skip-link">
        Skip to the content
      </a>
      <aside className="console-side" aria-label="Side bar">
        <Link href="/admin" className="console-brand">
          <Logo />
          <span className="console-word">Vitrine</span>
          <span className="chip console-word">Team</span>
        </Link>
        <ConsoleSearch />
        <SideNav alerts={alerts} />
        <div className="console-foot">
          <Link href="/" className="console-link" prefetch={false}>
            <Icon name="eye" />
            <span className="console-word">Customer site</span>
          </Link>
          <Link href="/admin/me" className="console-link" prefetch={false}>
            <Icon name="key" />
            <span className="console-word">Your sign-in</span>
          </Link>
          <SignOutForm className="console-link">
            <Icon name="sign-out" />
            <span className="console-word">Sign out</span>
          </SignOutForm>
        </div>
        <div className="console-me">
          <span className="avatar" aria-hidden="true">
            {initialsOf(operator.name)}
          </span>
          <span className="console-word min-w-0 flex-1">
            <span className="block truncate">{operator.name}</span>
            <span className="block text-[12px] leading-4 text-ink-3">{operator.role}</span>
          </span>
          <span className="console-word">
            <ThemeButton />
          </span>
        </div>
        <div className="console-menu">
          <ConsoleMenu name={operator.name} email={operator.email} />
        </div>
      </aside>
      <main id="content" className="min-w-0">
        {children}
      </main>
    </div>
  );
}
