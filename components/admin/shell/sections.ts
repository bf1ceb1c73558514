import type { IconName } from "@/components/ui/icon";

export interface Section {
  href: `/admin${string}`;
  /** What it is narrowed to when somebody comes in by the side bar. */
  query?: `?${string}`;
  title: string;
  icon: IconName;
}

/** The console's sections, in the order of its side bar; a group each. */
export const sections: readonly (readonly Section[])[] = [
  [
    { href: "/admin", title: "Overview", icon: "overview" },
    { href: "/admin/models", title: "Models", icon: "compare" },
    { href: "/admin/requests", query: "?surface=api", title: "Requests", icon: "list" },
  ],
  [
    { href: "/admin/customers", title: "Customers", icon: "people" },
    { href: "/admin/alerts", title: "Alerts", icon: "bell" },
    { href: "/admin/operations", title: "Operations", icon: "gauge" },
    { href: "/admin/team", title: "Team", icon: "person" },
    { href: "/admin/audit", title: "Audit", icon: "book" },
  ],
];

/** Whether a page belongs to a section. */
export function isWithin(pathname: string, href: string): boolean {
  return href === "/admin" ? pathname === "/admin" : pathname === href || pathname.startsWith(`${href}/`);
}
