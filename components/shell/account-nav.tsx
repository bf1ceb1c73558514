import { NavLink } from "@/components/shell/nav-link";

/** The parts of a customer's own area: beside the content on a desk, above it on a phone. */
export function AccountNav() {
  return (
    <nav className="account-nav" aria-label="Account">
      <NavLink href="/keys" covers={["/keys/"]}>
        Keys
      </NavLink>
      <NavLink href="/usage" covers={["/usage/"]}>
        Usage
      </NavLink>
      <NavLink href="/account" covers={["/account/"]}>
        Account
      </NavLink>
    </nav>
  );
}
