"use client";

import Link from "next/link";
import { useState } from "react";
import { signOut } from "@/components/accounts/auth-client";
import { Menu } from "@/components/ui/menu";
import { Notice } from "@/components/ui/notice";
import { initialsOf } from "@/lib/initials";
import { readRefusal } from "@/lib/refusal";

interface SessionMenuProps {
  name: string;
  email: string;
}

const entries = [
  ["/keys", "Keys"],
  ["/usage", "Usage"],
  ["/account", "Account"],
] as const;

/** The signed-in customer in the bar on top: the way to the own area, and out. */
export function SessionMenu({ name, email }: SessionMenuProps) {
  const [failure, setFailure] = useState<string | null>(null);
  const leave = async () => {
    setFailure(null);
    try {
      await signOut();
    } catch (error) {
      setFailure(readRefusal(error).message);
    }
  };
  const face = (
    <span className="avatar" aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
  return (
    <>
      <Menu label={`Your account: ${name}`} face={face} buttonClass="avatar-btn" head={<><b>{name}</b>{email}</>}>
        {entries.map(([href, title]) => (
          <Link key={href} href={href} role="menuitem" tabIndex={-1} prefetch={false}>
            {title}
          </Link>
        ))}
        <hr className="menu-line" />
        <button type="button" role="menuitem" tabIndex={-1} onClick={leave}>
          Sign out
        </button>
      </Menu>
      {failure && (
        <div className="toast">
          <Notice tone="bad" title="You are still signed in" onClose={() => setFailure(null)}>
            {failure}
          </Notice>
        </div>
      )}
    </>
  );
}
