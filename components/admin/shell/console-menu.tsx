"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { isWithin, sections } from "@/components/admin/shell/sections";
import { SignOutForm } from "@/components/admin/shell/sign-out-form";
import { switchTheme } from "@/components/shell/switch-theme";
import { ThemeIcon } from "@/components/shell/theme-button";
import { Icon } from "@/components/ui/icon";
import { Menu } from "@/components/ui/menu";

/** The sections on a narrow screen, where there is no side bar. */
export function ConsoleMenu({ name, email }: { name: string; email: string }) {
  const pathname = usePathname();
  return (
    <Menu label="Sections" face={<Icon name="menu" />} buttonClass="btn btn-quiet btn-icon" head={<><b>{name}</b>{email}</>}>
      {sections.flat().map(({ href, query = "", title, icon }) => (
        <Link
          key={href}
          href={`${href}${query}`}
          role="menuitem"
          tabIndex={-1}
          prefetch={false}
          aria-current={isWithin(pathname, href) ? "page" : undefined}
        >
          <Icon name={icon} />
          {title}
        </Link>
      ))}
      <hr className="menu-line" />
      <Link href="/" role="menuitem" tabIndex={-1} prefetch={false}>
        <Icon name="eye" />
        Customer site
      </Link>
      <button type="button" role="menuitem" tabIndex={-1} onClick={switchTheme}>
        <ThemeIcon />
        Switch between light and dark
      </button>
      <Link href="/admin/me" role="menuitem" tabIndex={-1} prefetch={false}>
        <Icon name="person" />
        Your sign-in
      </Link>
      <SignOutForm className="console-link" role="menuitem">
        <Icon name="sign-out" />
        Sign out
      </SignOutForm>
    </Menu>
  );
}
