import Link from "next/link";
import type { ReactNode } from "react";
import { Icon } from "@/components/ui/icon";

interface ConsolePageProps {
  title: string;
  /** The pages above this one, outermost first. */
  crumbs?: readonly { href: `/admin${string}`; title: string }[];
  /** What stands across from the title: figures, filters of time, the page's main act. */
  actions?: ReactNode;
  children: ReactNode;
}

/** One page of the console: where it is, what can be done on it, and its parts with even space between them. */
export function ConsolePage({ title, crumbs = [], actions, children }: ConsolePageProps) {
  return (
    <>
      <header className="console-top">
        {crumbs.map((crumb) => (
          <span key={crumb.href} className="console-crumb">
            <Link href={crumb.href} prefetch={false}>
              {crumb.title}
            </Link>
            <Icon name="chevron-right" size={12} />
          </span>
        ))}
        <h1>{title}</h1>
        {actions && <div className="console-actions">{actions}</div>}
      </header>
      <div className="console-body">{children}</div>
    </>
  );
}
