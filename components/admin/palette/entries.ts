import { sections } from "@/components/admin/shell/sections";
import type { IconName } from "@/components/ui/icon";
import type { PaletteItem } from "@/lib/contracts/palette.admin";

/** One line of the palette. */
export interface Entry {
  group: string;
  title: string;
  detail: string;
  href: string;
  icon: IconName;
}

const acts: readonly Entry[] = [
  { title: "Upload model", detail: "from an ONNX file", href: "/admin/models/upload", icon: "upload" as const },
  { title: "Add operator", detail: "to the team", href: "/admin/team", icon: "plus" as const },
  { title: "Verify the audit", detail: "nothing changed, nothing missing", href: "/admin/audit", icon: "done" as const },
  { title: "Change your password", detail: "or set up an authenticator", href: "/admin/me", icon: "key" as const },
].map((act) => ({ group: "Acts", ...act }));

const places: readonly Entry[] = sections.flat().map(({ href, query = "", title, icon }) => ({ group: "Sections", title, detail: "", href: `${href}${query}`, icon }));

const kinds: Record<PaletteItem["kind"], { group: string; icon: IconName }> = {
  request: { group: "Requests", icon: "list" },
  model: { group: "Models", icon: "compare" },
  act: { group: "Acts", icon: "undo" },
  draft: { group: "Drafts", icon: "layers" },
  customer: { group: "Customers", icon: "people" },
  operator: { group: "Team", icon: "person" },
};

function fits(query: string, { title, detail }: Entry): boolean {
  return `${title} ${detail}`.toLowerCase().includes(query.trim().toLowerCase());
}

/** What the palette shows: the console's own places and acts that fit, and what the service found, with each group in one piece. */
export function listEntries(query: string, found: readonly PaletteItem[]): Entry[] {
  const own = [...places, ...acts].filter((entry) => fits(query, entry));
  const entries = [...own, ...found.map(({ kind, title, detail, href }) => ({ ...kinds[kind], title, detail, href }))];
  const groups = [...new Set(entries.map(({ group }) => group))];
  return groups.flatMap((group) => entries.filter((entry) => entry.group === group));
}

/** Keys that go somewhere, after `g`. */
export const jumps: Readonly<Record<string, string>> = {
  o: "/admin",
  m: "/admin/models",
  r: "/admin/requests?surface=api",
  c: "/admin/customers",
  a: "/admin/alerts",
  p: "/admin/operations",
  t: "/admin/team",
  u: "/admin/audit",
};
