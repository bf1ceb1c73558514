import type { ReactNode } from "react";

/** A plain form, so that leaving works whatever else does not. */
export function SignOutForm({ className, children, role }: { className: string; children: ReactNode; role?: "menuitem" }) {
  return (
    <form method="post" action="/admin/auth/signout">
      <button type="submit" className={className} role={role} tabIndex={role ? -1 : undefined}>
        {children}
      </button>
    </form>
  );
}
