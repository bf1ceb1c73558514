import type { ReactNode } from "react";
import { AccountNav } from "@/components/shell/account-nav";

interface AccountFrameProps {
  title: string;
  /** What stands across from the title, such as the button that makes a key. */
  action?: ReactNode;
  children: ReactNode;
}

/** A page of the customer's own area: its navigation, its title, and its parts with even space between them. */
export function AccountFrame({ title, action, children }: AccountFrameProps) {
  return (
    <div className="account">
      <AccountNav />
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-5">
        <div className="flex min-h-9 flex-wrap items-center justify-between gap-3">
          <h1>{title}</h1>
          {action}
        </div>
        {children}
      </div>
    </div>
  );
}
