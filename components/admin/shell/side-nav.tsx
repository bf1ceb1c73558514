"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { isWithin, sections } from "@/components/admin/shell/sections";
import { Icon } from "@/components/ui/icon";

/** The sections of the console; each is one press away from everywhere. */
export function SideNav({ alerts }: { alerts: number }) {
  const pathname = usePathname();
  return (
    <nav aria-label="Console" className="console-nav">
      {sections.map((group, index) => (
        <div key={group[0]?.href} className="console-nav">
          {index > 0 && <div className="console-line" role="presentation" />}
          {group.map(({ href, query = "", title, icon }) => (
            <Link
              key={href}
              href={`${href}${query}`}
              className="console-link"
              aria-current={isWithin(pathname, href) ? "page" : undefined}
              prefetch={false}
            >
              <Icon name={icon} />
              <span className="console-word">{title}</span>
              {href === "/admin/alerts" && alerts > 0 && (
                <span className="console-count" data-tone="warn">
                  {alerts}
                </span>
              )}
            </Link>
          ))}
        </div>
      ))}
    </nav>
  );
}
