import Link from "next/link";
import { Logo } from "@/components/shell/logo";
import { NavLink } from "@/components/shell/nav-link";
import { ThemeButton } from "@/components/shell/theme-button";

/** The bar on top of every page a customer sees. */
export function TopBar({ theme }: { theme: "light" | "dark" | undefined }) {
  return (
    <header className="topbar">
      <a href="#content" className="skip-link">
        Skip to the content
      </a>
      <div className="wrap flex h-full items-center gap-3 min-[900px]:gap-7">
        <Link href="/" className="flex min-h-11 items-center gap-2 text-base font-semibold tracking-tight">
          <Logo />
          Vitrine
        </Link>
        <nav className="flex h-full gap-1" aria-label="Main">
          <NavLink href="/" covers={["/models"]}>
            Models
          </NavLink>
          <NavLink href="/docs" covers={["/docs"]}>
            Developers
          </NavLink>
        </nav>
        <div className="ml-auto">
          <ThemeButton chosen={theme} />
        </div>
      </div>
    </header>
  );
}
